/** The organisation as customers see it: name, logo, services, price, and the limits of a session. */
import { useState } from "preact/hooks";

import { refreshMe } from "../../api/account.ts";
import { get, patch, put, remove } from "../../api/http.ts";
import type { Organisation, Tariff } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { ActionForm, ErrorLine, Field, Loading, useAction, useLoad } from "../ui.tsx";

const MOST_SERVICES = 100;
const LONGEST_NAME = 200;
const LARGEST_LOGO_KIB = 256;

export function OrganisationPage() {
  const organisation = useLoad(() => get<Organisation>("/organisation"), "organisation");
  return (
    <Loading of={organisation}>
      {(found) => (
        <>
          <OrganisationForm organisation={found} />
          <Logo organisation={found} onChange={organisation.reload} />
          <p>
            {t("Your customers download the program here:")}{" "}
            <a href={`/download/${found.id}`}>{`${location.origin}/download/${found.id}`}</a>
          </p>
        </>
      )}
    </Loading>
  );
}

function OrganisationForm({ organisation }: { organisation: Organisation }) {
  const [name, setName] = useState(organisation.name);
  const [services, setServices] = useState(organisation.services.join("\n"));
  const [note, setNote] = useState(organisation.price_note);
  const [floor, setFloor] = useState(String(organisation.bandwidth_floor_kbit));
  const fixed = organisation.fixed_by_policy.includes("bandwidth_floor_kbit");
  const [minutes, setMinutes] = useState(String(organisation.inactivity_s / 60));
  const [priced, setPriced] = useState(organisation.tariff !== null);
  const [tariff, setTariff] = useState(() => textOf(organisation.tariff ?? NO_TARIFF));

  const save = async () => {
    await patch("/organisation", {
      name,
      services: servicesOf(services),
      price_note: note,
      bandwidth_floor_kbit: Number(floor),
      inactivity_s: Math.round(Number(minutes) * 60),
      tariff: priced ? tariffOf(tariff) : null,
    });
    await refreshMe(); // The bar above shows the name.
  };

  return (
    <ActionForm label={t("Save")} action={save} done={t("Saved. It applies from the next session on.")}>
      <div class="grid">
        <Field label={t("Name")} value={name} onValue={setName} input={{ required: true, maxLength: LONGEST_NAME }} />
        <Field label={t("Least bandwidth each way, kbit/s")} value={floor} onValue={setFloor} {...(fixed ? { hint: t("The policy in force says this.") } : {})}
          input={{ type: "number", min: 0, max: 1_000_000, required: true, readOnly: fixed }} />
        <Field label={t("End after minutes without activity")} value={minutes} onValue={setMinutes} input={{ type: "number", min: 1, max: 1440, step: "any", required: true }} />
      </div>
      <label>
        {t("Services, one a line")}
        <textarea rows={4} value={services} onInput={(event) => setServices(event.currentTarget.value)} />
      </label>
      <fieldset>
        <label>
          <input type="checkbox" role="switch" checked={priced} onChange={(event) => setPriced(event.currentTarget.checked)} /> {t("Sessions have a price")}
        </label>
      </fieldset>
      {priced && <TariffFields text={tariff} onText={setTariff} />}
      <Field label={t("Your sentence about the price")} value={note} onValue={setNote} hint={t("Shown to the customer below the price, as your words.")} input={{ maxLength: 200 }} />
    </ActionForm>
  );
}

/** A tariff as it is typed: what it comes to is decided when it is saved, for the currency may change after the price. */
interface TariffText {
  readonly currency: string;
  readonly price: string;
  readonly minimum: string;
  readonly increment: string;
  readonly tax: string;
}

const NO_TARIFF: Tariff = { currency: "EUR", unit_minor: 0, minimum_minutes: 0, increment_minutes: 1, tax_percent: "21" };

function textOf(tariff: Tariff): TariffText {
  const digits = minorDigits(tariff.currency);
  return {
    currency: tariff.currency,
    price: (tariff.unit_minor / 10 ** digits).toFixed(digits),
    minimum: String(tariff.minimum_minutes),
    increment: String(tariff.increment_minutes),
    tax: tariff.tax_percent,
  };
}

function tariffOf(text: TariffText): Tariff {
  return {
    currency: text.currency,
    unit_minor: minorOf(text.price, text.currency),
    minimum_minutes: Number(text.minimum),
    increment_minutes: Number(text.increment),
    tax_percent: text.tax,
  };
}

function TariffFields({ text, onText }: { text: TariffText; onText: (text: TariffText) => void }) {
  const set = (name: keyof TariffText) => (value: string) => onText({ ...text, [name]: value });
  return (
    <div class="grid">
      <Field label={t("Price of an hour")} value={text.price} onValue={set("price")} input={{ inputMode: "decimal", required: true }} />
      <Field label={t("Currency")} value={text.currency} onValue={(value) => set("currency")(value.toUpperCase())} input={{ pattern: "[A-Z]{3}", required: true, maxLength: 3 }} />
      <Field label={t("At least, minutes")} value={text.minimum} onValue={set("minimum")} input={{ type: "number", min: 0, max: 1440, required: true }} />
      <Field label={t("Then in steps of, minutes")} value={text.increment} onValue={set("increment")} input={{ type: "number", min: 1, max: 1440, required: true }} />
      <Field label={t("Tax, %")} value={text.tax} onValue={(value) => set("tax")(value.replace(",", "."))} input={{ inputMode: "decimal", pattern: "[0-9]{1,2}([.][0-9]{1,2})?", required: true }} />
    </div>
  );
}

/** How many digits the currency's minor unit has: 2 for cents, 0 for Chilean pesos. */
function minorDigits(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** A typed amount in minor units, without passing through a float. */
function minorOf(text: string, currency: string): number {
  const [, whole, fraction = ""] = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  const digits = minorDigits(currency);
  if (whole === undefined || fraction.length > digits) {
    throw new Error(t("The price is no amount of {currency}, such as {example}.", { currency, example: (45).toFixed(digits) }));
  }
  return Number(whole + fraction.padEnd(digits, "0"));
}

/** One a line; empty lines don't count. */
function servicesOf(text: string): readonly string[] {
  const services = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (services.length > MOST_SERVICES || services.some((name) => name.length > LONGEST_NAME)) {
    throw new Error(t("At most {most} services, each of at most {longest} letters.", { most: MOST_SERVICES, longest: LONGEST_NAME }));
  }
  return services;
}

function Logo({ organisation, onChange }: { organisation: Organisation; onChange: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [turn, setTurn] = useState(0); // Another address for another picture: the page would go on showing the old one.
  const upload = async () => {
    if (file === null) throw new Error(t("Choose a picture first."));
    if (file.size > LARGEST_LOGO_KIB * 1024) throw new Error(t("The picture is larger than {kib} KiB.", { kib: LARGEST_LOGO_KIB }));
    await put("/organisation/logo", file);
    setTurn((n) => n + 1);
    onChange();
  };
  const drop = useAction(async () => {
    await remove("/organisation/logo");
    onChange();
  });
  return (
    <article>
      <h2>{t("Logo")}</h2>
      {organisation.has_logo && <img class="logo" alt={t("The logo now")} src={`/api/v1/public/organisations/${organisation.id}/logo?${turn}`} />}
      <ActionForm label={t("Upload")} action={upload} done={t("Saved.")} class="row">
        <label>
          {t("PNG, JPEG or WebP, at most {kib} KiB", { kib: LARGEST_LOGO_KIB })}
          <input type="file" accept="image/png,image/jpeg,image/webp" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />
        </label>
      </ActionForm>
      <ErrorLine error={drop.error} />
      {organisation.has_logo && <button type="button" class="secondary outline small" aria-busy={drop.busy} onClick={() => void drop.run()}>{t("Remove the logo")}</button>}
    </article>
  );
}
