/** What wants an administrator's eye: suspicions that customers reported (Q12), and alerts that the broker raised. */
import { useState } from "preact/hooks";

import { get, post } from "../../api/http.ts";
import type { Alert, Page, Suspicion } from "../../api/types.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { facts } from "../facts.ts";
import { ActionForm, Field, Loading, useLoad } from "../ui.tsx";
import { alertWord } from "../words.ts";

export function SuspicionsPage({ mayHandle }: { mayHandle: boolean }) {
  const list = useLoad(() => get<Page<Suspicion>>("/suspicions"), "suspicions");
  return (
    <Loading of={list}>
      {(page) =>
        page.items.length === 0
          ? <p>{t("Nobody has reported a suspicion.")}</p>
          : page.items.map((one) => <SuspicionCard key={one.id} suspicion={one} mayHandle={mayHandle} onChange={list.reload} />)
      }
    </Loading>
  );
}

function SuspicionCard({ suspicion, mayHandle, onChange }: { suspicion: Suspicion; mayHandle: boolean; onChange: () => void }) {
  const [note, setNote] = useState("");
  const handled = suspicion.state === "handled";
  const close = async () => {
    await post(`/suspicions/${suspicion.id}/handled`, { note });
    onChange();
  };
  return (
    <article>
      <header>
        {dateTime(suspicion.utc)} {handled ? <mark class="calm">{t("handled")}</mark> : <mark>{t("open")}</mark>}
        {suspicion.session_id && <> · <a href={`#/sessions/${suspicion.session_id}`}>{t("Its session")}</a></>}
      </header>
      <p class="words">{suspicion.text}</p>
      {suspicion.contact && <p>{t("Contact: {contact}", { contact: suspicion.contact })}</p>}
      {handled && suspicion.note && <p><small>{suspicion.note}</small></p>}
      {!handled && mayHandle && (
        <ActionForm label={t("Mark as handled")} action={close}>
          <Field label={t("What was found and done")} value={note} onValue={setNote} input={{ required: true, maxLength: 4000 }} />
        </ActionForm>
      )}
    </article>
  );
}

export function AlertsPage() {
  const list = useLoad(() => get<Page<Alert>>("/alerts"), "alerts");
  return (
    <Loading of={list}>
      {(page) =>
        page.items.length === 0 ? <p>{t("No alert.")}</p> : (
          <div class="overflow-auto">
            <table>
              <thead><tr><th scope="col">{t("When")}</th><th scope="col">{t("What")}</th><th scope="col">{t("Details")}</th></tr></thead>
              <tbody>
                {page.items.map((alert) => (
                  <tr key={alert.id}>
                    <td>{dateTime(alert.utc)}</td>
                    <td>{alertWord(alert.kind)}</td>
                    <td><small>{facts(alert.data)}</small></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Loading>
  );
}
