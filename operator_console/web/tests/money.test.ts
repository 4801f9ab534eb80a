/** Amounts are added exactly and shown as they came. */
import { describe, expect, test } from "vitest";

import { speak } from "../src/i18n/index.ts";
import { money, sums } from "../src/pages/records/money.ts";

const eur = (text: string) => ({ currency: "EUR", text });

describe("amounts", () => {
  test("add up to the cent, beyond what a float can hold", () => {
    expect(sums([eur("0.10"), eur("0.20")])).toEqual([eur("0.30")]);
    expect(sums([eur("90071992547409.93"), eur("0.01")])).toEqual([eur("90071992547409.94")]);
    expect(sums([eur("0.05"), eur("-1.00")])).toEqual([eur("-0.95")]);
  });

  test("add up for each currency on its own, pesos without cents too", () => {
    const pesos = (text: string) => ({ currency: "CLP", text });
    expect(sums([eur("1.00"), pesos("18000"), eur("2.50"), pesos("9000")])).toEqual([eur("3.50"), pesos("27000")]);
    expect(sums([])).toEqual([]);
  });

  test("are shown in the reader's language with the digits that they came with", () => {
    speak("es");
    expect(money(eur("1234567.50")).replace(/\s/g, " ")).toBe("1.234.567,50 €");
    speak("en");
    expect(money({ currency: "CLP", text: "18000" })).toContain("18,000");
  });
});
