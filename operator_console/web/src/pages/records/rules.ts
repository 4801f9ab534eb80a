/** The rules of a policy as sentences, each with the clause behind it. */
import type { Policy } from "../../api/policy.ts";
import { number, t } from "../../i18n/index.ts";

export type Rule = readonly [clause: string, sentence: string];

export function rulesOf(policy: Policy): readonly Rule[] {
  const { contractless, urgent, report, on_site: site, free_allowance: free, warranty, appointments, tickets, invoices } = policy;
  const answers: Readonly<Record<string, string>> = {
    tariff: t("Without a contract, work is at the tariff."),
    accepted_urgent: t("Without a contract, only urgent work whose tariff was accepted beforehand."),
    refused: t("Without a contract there is no support."),
    order: t("Without a contract, a prepaid order is needed."),
  };
  const rules: readonly (Rule | null)[] = [
    [contractless.clause, answers[contractless.answer] ?? contractless.answer],
    policy.free_of_charge === null ? null : [policy.free_of_charge, t("All work is free of charge.")],
    policy.covered_work === null ? null : [policy.covered_work, t("Work outside the contract is at the tariff.")],
    urgent && [urgent.clause, t("Urgent work: {n} minutes are added.", { n: number(urgent.minutes) })],
    report && [report.clause, t("{n} % is added for the report.", { n: report.percent })],
    site.refused === null ? null : [site.refused, t("No work on site.")],
    site.clause === null ? null : [site.clause, t("On site at least {local} minutes in the region, {elsewhere} elsewhere.", { local: number(site.minimum_local_minutes), elsewhere: number(site.minimum_elsewhere_minutes) })],
    free && [free.clause, t("Free help up to {n} minutes, {times} times a week.", { n: number(free.up_to_minutes), times: number(free.per_week) })],
    warranty && [warranty.clause, t("Own work is repaired for nothing within {n} business days.", { n: number(warranty.business_days) })],
    appointments?.no_show ? [appointments.no_show.clause, t("A missed appointment costs {n} minutes.", { n: number(appointments.no_show.minutes) })] : null,
    appointments?.late_cancel ? [appointments.late_cancel.clause, t("A late cancellation costs {n} minutes.", { n: number(appointments.late_cancel.minutes) })] : null,
    tickets.close_after_hours === null ? null : [tickets.clause ?? "", t("A request closes {n} hours after the last answer.", { n: number(tickets.close_after_hours) })],
    [invoices.clauses.join(", "), t("Invoices are due after {n} days.", { n: number(invoices.due_days) })],
    invoices.refuse_delinquent ? [invoices.clauses[0] ?? "", t("Customers behind with payment are not served.")] : null,
  ];
  return rules.filter((rule): rule is Rule => rule !== null);
}
