/** Who works here: invite, change the role, disable, make a link for a new password. */
import { useState } from "preact/hooks";

import { me } from "../../api/account.ts";
import { get, patch, post } from "../../api/http.ts";
import type { OperatorRow, Page, Role } from "../../api/types.ts";
import { useStore } from "../../app/store.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { ActionForm, ConfirmButton, CopyLine, ErrorLine, Field, Loading, useAction, useLoad } from "../ui.tsx";
import { roleWord } from "../words.ts";

const ROLES: readonly Role[] = ["operator", "admin", "auditor"];

export function OperatorsPage() {
  const list = useLoad(() => get<Page<OperatorRow>>("/operators"), "operators");
  return (
    <>
      <Invite onDone={list.reload} />
      <Loading of={list}>
        {(page) => (
          <div class="overflow-auto">
            <table>
              <thead><tr><th scope="col">{t("Name")}</th><th scope="col">{t("E-mail")}</th><th scope="col">{t("Role")}</th><th scope="col">{t("Second factor")}</th><th scope="col">{t("Last seen")}</th><th scope="col">{t("Actions")}</th></tr></thead>
              <tbody>{page.items.map((row) => <OperatorLine key={row.id} row={row} onChange={list.reload} />)}</tbody>
            </table>
          </div>
        )}
      </Loading>
    </>
  );
}

function OperatorLine({ row, onChange }: { row: OperatorRow; onChange: () => void }) {
  const who = useStore(me);
  const [link, setLink] = useState<string | null>(null);
  const [role, setRole] = useState(row.role);
  const own = who?.operator_id === row.id;
  const change = async (body: Partial<Pick<OperatorRow, "role" | "disabled" | "totp_enabled">>) => {
    await patch(`/operators/${row.id}`, body);
    onChange();
  };
  const saveRole = useAction(() => change({ role }));
  return (
    <tr>
      <td>{row.name}{row.state !== "active" && <> <mark>{row.state === "disabled" ? t("disabled") : t("invited")}</mark></>}</td>
      <td>{row.email}</td>
      <td>
        <select aria-label={t("Role of {name}", { name: row.name || row.email })} value={role} disabled={own}
          onChange={(event) => setRole(ROLES.find((one) => one === event.currentTarget.value) ?? role)}>
          {ROLES.map((one) => <option key={one} value={one}>{roleWord(one)}</option>)}
        </select>
        {role !== row.role && <button type="button" class="small" aria-busy={saveRole.busy} onClick={() => void saveRole.run()}>{t("Save")}</button>}
        <ErrorLine error={saveRole.error} />
      </td>
      <td>
        {row.totp_enabled ? t("on") : t("off")}{" "}
        {row.totp_enabled && !own && (
          <ConfirmButton label={t("Remove")} question={t("Let {name} sign in without a code, as after the loss of a phone?", { name: row.name })}
            action={() => change({ totp_enabled: false })} />
        )}
      </td>
      <td>{dateTime(row.last_seen_utc)}</td>
      <td>
        {!own && (row.disabled
          ? <ConfirmButton label={t("Enable")} question={t("Let {name} sign in again?", { name: row.name })} action={() => change({ disabled: false })} />
          : <ConfirmButton label={t("Disable")} question={t("Ends the live sessions of {name}.", { name: row.name })} action={() => change({ disabled: true })} />)}{" "}
        <ConfirmButton label={t("New password link")} question={t("Make a link that sets a new password?")}
          action={async () => setLink((await post<{ reset_url: string }>(`/operators/${row.id}/reset`)).reset_url)} />
        {link && <CopyLine label={t("Give this link to {name}. It works once.", { name: row.name })} text={link} />}
      </td>
    </tr>
  );
}

function Invite({ onDone }: { onDone: () => void }) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [link, setLink] = useState<string | null>(null);
  const submit = async () => {
    setLink((await post<{ invite_url: string }>("/operators", { email, name, role })).invite_url);
    setEmail("");
    setName("");
    onDone();
  };
  return (
    <details>
      <summary role="button" class="secondary outline">{t("Invite somebody")}</summary>
      <article>
        <ActionForm label={t("Make an invitation")} action={submit} class="row">
          <Field label={t("Name")} value={name} onValue={setName} input={{ required: true, maxLength: 200 }} />
          <Field label={t("E-mail")} value={email} onValue={setEmail} input={{ type: "email", required: true }} />
          <label>
            {t("Role")}
            <select value={role} onChange={(event) => setRole(ROLES.find((one) => one === event.currentTarget.value) ?? "operator")}>
              {ROLES.map((one) => <option key={one} value={one}>{roleWord(one)}</option>)}
            </select>
          </label>
        </ActionForm>
        {link && <CopyLine label={t("Give this link to the person. It works once.")} text={link} />}
      </article>
    </details>
  );
}
