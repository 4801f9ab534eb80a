/**
 * Amounts as the broker writes them: decimal text beside a currency. They are added as whole minor units and shown as
 * they came; no amount ever passes through a floating-point number.
 */
import { language } from "../../i18n/index.ts";

export interface Amount {
  readonly currency: string;
  readonly text: string;
}

/** `67,50 €`, in the reader's language. */
export function money({ currency, text }: Amount): string {
  const digits = fraction(text).length;
  const format = new Intl.NumberFormat(language.value, { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(text as `${number}`);
}

/** The sum in each currency, in the order in which the currencies first appear. */
export function sums(amounts: readonly Amount[]): readonly Amount[] {
  const found = new Map<string, { readonly minor: bigint; readonly digits: number }>();
  for (const { currency, text } of amounts) {
    const digits = fraction(text).length;
    const before = found.get(currency) ?? { minor: 0n, digits };
    if (before.digits !== digits) throw new Error(`${currency} with ${before.digits} and with ${digits} digits`);
    found.set(currency, { minor: before.minor + BigInt(text.replace(".", "")), digits });
  }
  return [...found].map(([currency, { minor, digits }]) => ({ currency, text: decimal(minor, digits) }));
}

function fraction(text: string): string {
  return text.split(".")[1] ?? "";
}

function decimal(minor: bigint, digits: number): string {
  const sign = minor < 0n ? "-" : "";
  const figures = String(minor < 0n ? -minor : minor).padStart(digits + 1, "0");
  return digits === 0 ? sign + figures : `${sign}${figures.slice(0, -digits)}.${figures.slice(-digits)}`;
}
