/** Start a session: the ID and password that the customer reads out, the service, what is wanted. */
import { useState } from "preact/hooks";

import { me } from "../api/account.ts";
import { ApiError, get } from "../api/http.ts";
import type { Organisation } from "../api/types.ts";
import type { Route } from "../app/router.ts";
import { useStore } from "../app/store.ts";
import { t } from "../i18n/index.ts";
import { connect, type Permission } from "../session/index.ts";
import { ForWhom } from "./connect/ForWhom.tsx";
import { named, NOBODY, recognise, type Whom } from "./connect/whom.ts";
import { ActionForm, Field, Loading, useLoad } from "./ui.tsx";

/** What the page needs; `lost`: the address names what is not there. */
interface Start {
  readonly organisation: Organisation;
  readonly whom: Whom;
  readonly lost: boolean;
}

export function ConnectPage({ route }: { route: Route }) {
  const who = useStore(me);
  const key = route.params.toString();
  const start = useLoad(() => started(route.params), `connect ${key}`);
  return (
    <article class="narrow connect">
      <h1>{t("Connect")}</h1>
      <p>{t("Ask the customer for the ID and the password that their window shows.")}</p>
      <Loading of={start}>{(found) => <ConnectForm key={key} {...found} />}</Loading>
      {who && <p><small>{t("The customer will see: {name}, {organisation}.", { name: who.name, organisation: who.org_name })}</small></p>}
    </article>
  );
}

async function started(params: URLSearchParams): Promise<Start> {
  const organisation = await get<Organisation>("/organisation");
  try {
    return { organisation, whom: await named(params), lost: false };
  } catch (failure) {
    if (failure instanceof ApiError && (failure.status === 404 || failure.status === 422)) return { organisation, whom: NOBODY, lost: true };
    throw failure;
  }
}

function ConnectForm({ organisation, whom: first, lost }: Start) {
  const [id, setId] = useState("");
  const [password, setPassword] = useState("");
  const [service, setService] = useState(organisation.services[0] ?? "");
  const [control, setControl] = useState(true);
  const [reference, setReference] = useState("");
  const [whom, setWhom] = useState(first);

  const submit = async () => {
    const wanted: readonly Permission[] = control ? ["view", "control"] : ["view"];
    const known = whom.customer === null && reference.trim() !== "" ? await recognise(reference, whom) : whom;
    const { customer, orderId, ticketId, urgent } = known;
    await connect({ id, password, service, wanted, for: { customer_id: customer?.id ?? null, order_id: orderId || null, ticket_id: ticketId || null, urgent } });
  };

  return (
    <ActionForm label={t("Connect")} action={submit}>
      <Field label={t("ID")} value={id} onValue={(text) => setId(spaced(text))}
        input={{ name: "id", inputMode: "numeric", autoComplete: "off", required: true, autoFocus: true, class: "code", placeholder: "123 456 789", spellcheck: false }} />
      <Field label={t("Password")} value={password} onValue={(text) => setPassword(text.toUpperCase())}
        hint={t("Eight symbols. Only the first three are sent; the rest never leave this browser.")}
        input={{ name: "code", autoComplete: "off", required: true, class: "code", placeholder: "K7QU-9XDT", spellcheck: false, autoCapitalize: "characters" }} />
      {organisation.services.length > 0 && (
        <label>
          {t("Service")}
          <select name="service" value={service} onChange={(event) => setService(event.currentTarget.value)}>
            {organisation.services.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
      )}
      {lost && <p class="warn" role="status">{t("What the link named is not there. The session would be for nobody known.")}</p>}
      <ForWhom
        whom={whom}
        onWhom={setWhom}
        reference={reference}
        onReference={(text) => {
          setReference(text);
          // Another reference is somebody else; a ticket without a customer may still get one.
          if (whom.customer !== null) setWhom({ ...NOBODY, urgent: whom.urgent });
        }}
      />
      <fieldset>
        <legend>{t("Ask the customer for")}</legend>
        <label><input type="checkbox" checked disabled /> {t("Seeing the screen")}</label>
        <label>
          <input type="checkbox" name="control" checked={control} onChange={(event) => setControl(event.currentTarget.checked)} />{" "}
          {t("Mouse and keyboard")}
        </label>
      </fieldset>
    </ActionForm>
  );
}

/** Nine digits in groups of three while they are typed; anything else is left as it is for the check to name. */
function spaced(text: string): string {
  const digits = text.replace(/[\s-]/g, "");
  return /^\d{1,9}$/.test(digits) ? digits.replace(/(\d{3})(?=\d)/g, "$1 ") : text;
}
