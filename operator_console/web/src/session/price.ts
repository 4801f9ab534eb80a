/** What a session costs, in words: its price beforehand, what it has come to while it lasts. */
import { duration, language, number } from "../i18n/index.ts";
import type { Charging, Meter, Tariff } from "../protocol/gen/messages.ts";
import { t } from "./sentences.ts";

export type { Charging, Tariff };

export function priceSentence(tariff: Tariff | null, charging: Charging): string {
  const price = tariff ? money(tariff.unit_minor, tariff.currency) : "";
  const weight = charging.weight === "1" ? "" : ` ${t("One hour now counts as {n}.", { n: number(Number(charging.weight)) })}`;
  switch (charging.covers) {
    case "free":
      return t("Free of charge.");
    case "covered":
      return t("Covered by the contract: nothing to pay.");
    case "fixed":
      return t("Fixed price {price} before tax.", { price }) + (charging.expected_minutes === 0 ? "" : ` ${t("It takes about {n} minutes.", { n: number(charging.expected_minutes) })}`);
    case "balance": {
      const left = t("{n} minutes left in the plan.", { n: number(charging.minutes_left) });
      return left + (tariff ? ` ${t("After that {price} per hour before tax.", { price })}` : "") + weight;
    }
    case "tariff":
      return tariff === null
        ? t("No price set.")
        : t("{price} per hour before tax, at least {minimum} min, then each started {step} min.", {
            price, minimum: tariff.minimum_minutes, step: tariff.increment_minutes,
          }) + weight;
  }
}

/** As short as a toolbar needs it. */
export function costWords(cost: Meter): string {
  const left = cost.minutes_left ?? null;
  const facts = left === null ? [] : [t("{n} min left", { n: number(left) })];
  if (left === null || cost.charged_minor > 0) facts.unshift(money(cost.charged_minor, cost.currency));
  return facts.join(" · ");
}

/** How long it has lasted, of what it should take where the service says so. */
export function elapsedWords(cost: Meter, expectedMinutes: number): string {
  const elapsed = duration(cost.connected_s);
  return expectedMinutes === 0 ? elapsed : t("{time} of about {n} min", { time: elapsed, n: number(expectedMinutes) });
}

function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat(language.value, { style: "currency", currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
