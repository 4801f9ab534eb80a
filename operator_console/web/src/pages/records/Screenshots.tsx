/** The screenshots of a ticket, small; each opens alone. The broker decides whether a file is a picture. */
import { useId } from "preact/hooks";

import type { Attachment, Ticket } from "../../api/desk.ts";
import { post, query } from "../../api/http.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { ErrorLine, useAction } from "../ui.tsx";

export function Screenshots({ of, mayAdd, reload }: { of: Ticket; mayAdd: boolean; reload: () => void }) {
  return (
    <section>
      <h2>{t("Screenshots")}</h2>
      {of.attachments.length === 0 && <p>{t("Nothing yet.")}</p>}
      <ul class="screenshots">{of.attachments.map((one) => <li key={one.id}><Screenshot ticketId={of.id} of={one} /></li>)}</ul>
      {mayAdd && <AddField ticketId={of.id} done={reload} />}
    </section>
  );
}

function Screenshot({ ticketId, of }: { ticketId: string; of: Attachment }) {
  const address = `/api/v1/tickets/${ticketId}/attachments/${of.id}`;
  const name = of.name || t("Screenshot of {when}", { when: dateTime(of.utc) });
  return <a href={address} target="_blank" rel="noopener"><img src={address} alt="" loading="lazy" /> <span>{name}</span></a>;
}

function AddField({ ticketId, done }: { ticketId: string; done: () => void }) {
  const id = useId();
  const { busy, error, run } = useAction(async () => {
    const field = document.getElementById(id);
    const file = field instanceof HTMLInputElement ? field.files?.[0] : undefined;
    if (!file || !(field instanceof HTMLInputElement)) return;
    await post(`/tickets/${ticketId}/attachments${query({ name: file.name })}`, file).finally(() => (field.value = ""));
    done();
  });
  return (
    <>
      <label htmlFor={id}>{t("Add a screenshot")}</label>
      <input id={id} type="file" accept="image/png,image/jpeg,image/webp" disabled={busy} aria-describedby={`${id}-hint`} onChange={() => void run()} />
      <small id={`${id}-hint`}>{t("PNG, JPEG or WebP, at most 2 MiB.")}</small>
      <ErrorLine error={error} />
    </>
  );
}
