/** Start a session: the ID and password that the customer reads out, the service, what is wanted. */
import { useState } from "preact/hooks";

import { me } from "../api/account.ts";
import { get } from "../api/http.ts";
import type { Organisation } from "../api/types.ts";
import { useStore } from "../app/store.ts";
import { t } from "../i18n/index.ts";
import { connect, type Permission } from "../session/index.ts";
import { ActionForm, Field, Loading, useLoad } from "./ui.tsx";

export function ConnectPage() {
  const who = useStore(me);
  const organisation = useLoad(() => get<Organisation>("/organisation"), "organisation");
  return (
    <article class="narrow connect">
      <h1>{t("Connect")}</h1>
      <p>{t("Ask the customer for the ID and the password that their window shows.")}</p>
      <Loading of={organisation}>{(found) => <ConnectForm organisation={found} />}</Loading>
      {who && <p><small>{t("The customer will see: {name}, {organisation}.", { name: who.name, organisation: who.org_name })}</small></p>}
    </article>
  );
}

function ConnectForm({ organisation }: { organisation: Organisation }) {
  const [id, setId] = useState("");
  const [password, setPassword] = useState("");
  const [service, setService] = useState(organisation.services[0] ?? "");
  const [control, setControl] = useState(true);

  const submit = async () => {
    const wanted: readonly Permission[] = control ? ["view", "control"] : ["view"];
    await connect({ id, password, service, wanted });
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
