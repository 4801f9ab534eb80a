/** The log as a whole: its head, and a check of every link of the chain. */
import { useState } from "preact/hooks";

import { get } from "../../api/http.ts";
import { dateTime, number, t } from "../../i18n/index.ts";
import { ErrorLine, Loading, useAction, useLoad } from "../ui.tsx";

interface Head {
  readonly seq: number;
  readonly head: string;
  readonly utc: string;
}

interface Verdict {
  readonly ok: boolean;
  readonly events: number;
  readonly first_bad?: number | null;
}

export function LogPage() {
  const head = useLoad(() => get<Head>("/log/head"), "head");
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const { busy, error, run } = useAction(async () => setVerdict(await get<Verdict>("/log/verify")));
  return (
    <>
      <p>{t("Every event is chained to the one before it. Customers and technicians keep signed copies of the chain's head, so a change or a cut shows.")}</p>
      <Loading of={head}>
        {(found) => (
          <dl class="facts">
            <div><dt>{t("Events")}</dt><dd>{number(found.seq)}</dd></div>
            <div><dt>{t("Head")}</dt><dd><code>{found.head}</code></dd></div>
            <div><dt>{t("Since")}</dt><dd>{dateTime(found.utc)}</dd></div>
          </dl>
        )}
      </Loading>
      <button type="button" aria-busy={busy} onClick={() => void run()}>{t("Check the whole chain")}</button>
      <ErrorLine error={error} />
      {verdict && (
        <p role="status" class={verdict.ok ? "done" : "error"}>
          {verdict.ok
            ? t("All {n} events are whole and in order.", { n: number(verdict.events) })
            : t("Event {n} has been changed. Keep the database as it is and find out why.", { n: number(verdict.first_bad ?? 0) })}
        </p>
      )}
    </>
  );
}
