/** The policy in force in readable sections, those before it, and adopting another. */
import { useState } from "preact/hooks";

import type { Policy, PolicyOverview } from "../../api/policy.ts";
import { get, put } from "../../api/http.ts";
import { dateTime, number, t } from "../../i18n/index.ts";
import { ActionForm, Loading, useLoad } from "../ui.tsx";
import { money } from "./money.ts";
import { Choice, day, Facts, Money, Unfolding } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { rulesOf } from "./rules.ts";
import { inWords } from "./words.ts";
import { WeekGrid } from "./WeekGrid.tsx";

export function PolicyPage({ may }: { may: Rights }) {
  const overview = useLoad(() => get<PolicyOverview>("/policy"), "policy");
  return (
    <>
      <h1>{t("Policy")}</h1>
      <Loading of={overview}>
        {(found) => (
          <>
            {may.writeBills && <Unfolding label={t("Adopt a policy")}><AdoptForm shipped={found.shipped} done={overview.reload} /></Unfolding>}
            {found.in_force === null ? <p>{t("No policy is in force: nothing is rated.")}</p> : <InForce policy={found.in_force} />}
            <History of={found} />
          </>
        )}
      </Loading>
    </>
  );
}

function InForce({ policy }: { policy: Policy }) {
  return (
    <>
      <Facts of={[
        [t("In force"), policy.title],
        [t("Terms of service"), policy.terms_version === "newest" ? t("the newest version") : t("version {n}", { n: policy.terms_version })],
        [t("Least bandwidth each way"), policy.bandwidth_floor_kbit === null ? t("the organisation's own setting") : t("{n} kbit/s", { n: number(policy.bandwidth_floor_kbit) })],
        [t("Currency"), policy.currency],
        [t("Time zone"), policy.time_zone],
        [t("Tax"), `${policy.tax.name} ${policy.tax.percent} %`],
        [t("Holidays"), policy.hours.holidays?.country ?? t("none")],
      ]} />
      <section><h2>{t("Support hours")}</h2><WeekGrid windows={policy.hours.windows} /></section>
      <section><h2>{t("Plans")}</h2>{Object.keys(policy.plans).length === 0 ? <p>{t("None.")}</p> : <Plans policy={policy} />}</section>
      {policy.tariffs.length > 0 && <section><h2>{t("Tariffs")}</h2><Tariffs policy={policy} /></section>}
      <section>
        <h2>{t("Rules")}</h2>
        <ul>{rulesOf(policy).map(([clause, sentence]) => <li key={clause + sentence}><strong>{clause}</strong> {sentence}</li>)}</ul>
      </section>
    </>
  );
}

function Plans({ policy: { plans, currency } }: { policy: Policy }) {
  const counted = { none: t("nothing to count"), block: t("minutes bought once"), monthly: t("minutes each month") };
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Plans")}>
      <table>
        <thead><tr><th scope="col">{t("Plan")}</th><th scope="col">{t("Clause")}</th><th scope="col">{t("What it grants")}</th><th scope="col">{t("Sizes")}</th><th scope="col" class="figure">{t("Steps, min")}</th><th scope="col" class="figure">{t("First answer, h")}</th></tr></thead>
        <tbody>
          {Object.entries(plans).map(([key, plan]) => (
            <tr key={key}>
              <td>{inWords(plan.title)}</td>
              <td>{plan.clause}</td>
              <td>{counted[plan.balance]}</td>
              <td>
                {Object.entries(plan.sizes).sort(([, one], [, other]) => one.minutes - other.minutes).map(([size, { minutes, price }]) => (
                  <div key={size}>{t("{minutes} min for {price}", { minutes: number(minutes), price: money({ currency, text: price.net }) })}{price.example && ` (${t("example")})`}</div>
                ))}
              </td>
              <td class="figure">{number(plan.increment_minutes)}</td>
              <td class="figure">{plan.first_answer_hours ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Tariffs({ policy: { tariffs, currency } }: { policy: Policy }) {
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Tariffs")}>
      <table>
        <thead><tr><th scope="col">{t("Since")}</th><th scope="col">{t("Clause")}</th><th scope="col" class="figure">{t("An hour")}</th><th scope="col" class="figure">{t("At least, minutes")}</th><th scope="col" class="figure">{t("Steps, min")}</th></tr></thead>
        <tbody>
          {tariffs.map((tariff) => (
            <tr key={tariff.since ?? ""}>
              <td>{tariff.since === null ? t("the beginning") : day(tariff.since)}</td>
              <td>{tariff.clause}</td>
              <td class="figure"><Money of={{ currency, text: tariff.hourly }} />{tariff.example && ` (${t("example")})`}</td>
              <td class="figure">{number(tariff.minimum_minutes)}</td>
              <td class="figure">{number(tariff.increment_minutes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function History({ of: { history } }: { of: PolicyOverview }) {
  if (history.length === 0) return null;
  return (
    <section>
      <h2>{t("History")}</h2>
      <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("History")}>
        <table>
          <thead><tr><th scope="col">{t("Policy")}</th><th scope="col">{t("Adopted")}</th><th scope="col">{t("In force")}</th><th scope="col">SHA-256</th></tr></thead>
          <tbody>
            {history.map((one) => <tr key={one.sha256}><td>{one.name}</td><td>{dateTime(one.adopted_utc)}</td><td>{one.in_force ? t("yes") : t("no")}</td><td><code title={one.sha256}>{one.sha256.slice(0, 12)}</code></td></tr>)}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A policy that comes with Relevo, or one's own; a mistake in it is told by its key. */
function AdoptForm({ shipped, done }: { shipped: readonly string[]; done: () => void }) {
  const [name, setName] = useState(shipped[0] ?? "");
  const [toml, setToml] = useState("");
  const adopt = async () => {
    await put("/policy", name === "" ? { toml } : { name });
    done();
  };
  return (
    <ActionForm label={t("Adopt")} action={adopt} done={t("It is in force.")}>
      <Choice label={t("Which")} value={name} options={[...shipped.map((one) => [one, one] as const), ["", t("my own, as TOML")]]} onValue={setName} />
      {name === "" && <label>TOML<textarea class="toml" rows={16} required spellcheck={false} value={toml} onInput={(event) => setToml(event.currentTarget.value)} /></label>}
      <p><small>{t("It applies to new contracts and to work without one; running contracts keep theirs.")}</small></p>
    </ActionForm>
  );
}
