/** Forms that choose among the plans of the policy in force. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { get, post } from "../../api/http.ts";
import type { Contract } from "../../api/records.ts";
import type { Plan, Policy, PolicyOverview } from "../../api/policy.ts";
import { number, t } from "../../i18n/index.ts";
import { ActionForm, Field, Loading, useLoad } from "../ui.tsx";
import { money } from "./money.ts";
import { Choice, DECIMAL, decimalOf, type Options, today } from "./parts.tsx";
import { inWords } from "./words.ts";

/** The plans to choose from, or that there are none. */
function WithPlans({ children }: { children: (policy: Policy, plans: Options) => ComponentChildren }) {
  const policy = useLoad(() => get<PolicyOverview>("/policy"), "policy");
  return (
    <Loading of={policy}>
      {({ in_force: found }) => {
        if (found === null) return <p>{t("Adopt a policy first.")} <a href="#/records/policy">{t("Policy")}</a></p>;
        const plans = Object.entries(found.plans).map(([key, plan]) => [key, inWords(plan.title)] as const);
        return plans.length === 0 ? <p>{t("The policy has no plans.")}</p> : children(found, plans);
      }}
    </Loading>
  );
}

function sizesOf(plan: Plan | undefined, currency: string): Options {
  return Object.entries(plan?.sizes ?? {}).map(([key, size]) => [
    key,
    t("{key}: {minutes} minutes, {price}", { key, minutes: number(size.minutes), price: money({ currency, text: size.price.net }) }),
  ]);
}

export function NewContractForm({ customerId, done }: { customerId: string; done: () => void }) {
  return <WithPlans>{(policy, plans) => <NewContract customerId={customerId} policy={policy} plans={plans} done={done} />}</WithPlans>;
}

function NewContract({ customerId, policy, plans, done }: { customerId: string; policy: Policy; plans: Options; done: () => void }) {
  const [plan, setPlan] = useState(plans[0]?.[0] ?? "");
  const chosen = policy.plans[plan];
  const sizes = sizesOf(chosen, policy.currency);
  const [size, setSize] = useState(sizes[0]?.[0] ?? "");
  const [minutes, setMinutes] = useState("");
  const [start, setStart] = useState(today());
  const [months, setMonths] = useState("");
  const [own_number, setNumber] = useState("");
  const [excess, setExcess] = useState("");
  const terms = chosen?.months ?? [];
  const counts = chosen !== undefined && chosen.balance !== "none";
  const own = size === "" || !sizes.some(([key]) => key === size);
  const term = terms.length === 0 ? months || "12" : terms.some((one) => String(one) === months) ? months : String(terms[0]);

  const choose = (next: string) => {
    setPlan(next);
    setSize(Object.keys(policy.plans[next]?.sizes ?? {})[0] ?? "");
  };
  const make = async () => {
    await post("/contracts", {
      customer_id: customerId,
      plan,
      start,
      months: Number(term),
      ...(counts ? (own ? { minutes: Number(minutes) } : { size }) : {}),
      ...(own_number.trim() === "" ? {} : { number: own_number.trim() }),
      ...(counts && excess.trim() !== "" ? { excess_hourly: decimalOf(excess) } : {}),
    });
    done();
  };
  return (
    <ActionForm label={t("Make")} action={make}>
      <Choice label={t("Plan")} value={plan} options={plans} onValue={choose} />
      {counts && <Choice label={t("Size")} value={own ? "" : size} options={[...sizes, ["", t("other")]]} onValue={setSize} />}
      {counts && own && <Field label={chosen.balance === "monthly" ? t("Minutes a month") : t("Minutes")} value={minutes} onValue={setMinutes} input={{ type: "number", min: 1, max: 1_000_000, required: true }} />}
      <div class="fields">
        <Field label={t("First day")} value={start} onValue={setStart} input={{ type: "date", required: true }} />
        {terms.length === 0
          ? <Field label={t("Months")} value={term} onValue={setMonths} input={{ type: "number", min: 1, max: 120, required: true }} />
          : <Choice label={t("Months")} value={term} options={terms.map((one) => [String(one), number(one)] as const)} onValue={setMonths} />}
        <Field label={t("Number of its own")} value={own_number} onValue={setNumber} hint={t("Empty: the next of the series.")} input={{ maxLength: 40, pattern: "[A-Za-z0-9][A-Za-z0-9 .\\/_\\-]*" }} />
        {counts && <Field label={t("An hour past the balance, {currency}", { currency: policy.currency })} value={excess} onValue={setExcess} hint={t("Empty: at the tariff of the day.")} input={DECIMAL} />}
      </div>
    </ActionForm>
  );
}

export function ChangePlanForm({ contract, done }: { contract: Contract; done: () => void }) {
  return <WithPlans>{(policy, plans) => <ChangePlan contract={contract} policy={policy} plans={plans} done={done} />}</WithPlans>;
}

function ChangePlan({ contract, policy, plans, done }: { contract: Contract; policy: Policy; plans: Options; done: () => void }) {
  const [plan, setPlan] = useState(contract.plan);
  const sizes = sizesOf(policy.plans[plan], policy.currency);
  const [size, setSize] = useState("");
  const save = async () => {
    const chosen = sizes.some(([key]) => key === size) ? size : sizes[0]?.[0];
    await post(`/contracts/${contract.id}/plan`, { plan, ...(chosen === undefined ? {} : { size: chosen }) });
    done();
  };
  return (
    <ActionForm label={t("Change plan")} action={save}>
      <Choice label={t("Plan")} value={plan} options={plans} onValue={setPlan} />
      {sizes.length > 0 && <Choice label={t("Size")} value={size || (sizes[0]?.[0] ?? "")} options={sizes} onValue={setSize} />}
      <p><small>{t("From today on; the contract before ends.")}</small></p>
    </ActionForm>
  );
}
