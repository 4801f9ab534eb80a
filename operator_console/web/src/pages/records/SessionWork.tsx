/** What a session became: its charge, why, and what the technician says that it was. */
import { me } from "../../api/account.ts";
import { get, query } from "../../api/http.ts";
import type { WorkPage } from "../../api/records.ts";
import { useStore } from "../../app/store.ts";
import { t } from "../../i18n/index.ts";
import { ErrorLine, useLoad } from "../ui.tsx";
import { useCustomers } from "./parts.tsx";
import { rightsOf } from "./rights.ts";
import { Classify, WorkTable } from "./Work.tsx";

/** Nothing for a session that never counted; `ended`: it becomes work within a second of its end. */
export function SessionWork({ sessionId, ended }: { sessionId: string; ended: boolean }) {
  const may = rightsOf(useStore(me)?.role);
  const customers = useCustomers();
  const work = useLoad(() => get<WorkPage>(`/time-entries${query({ session: sessionId })}`), `${sessionId} ${ended}`);
  if (work.error !== null) return <ErrorLine error={work.error} />;
  if (work.value === null || work.value.items.length === 0) return null;
  return (
    <section>
      <h2>{t("Work")}</h2>
      {work.value.items.map((one) => one.state === "held" && <p class="warn" key={one.id}>{t("Held: {reason}", { reason: one.held_reason ?? "" })}</p>)}
      <WorkTable rows={work.value.items} named classify={(one) => <Classify work={one} customers={customers.value ?? []} may={may} done={work.reload} />} />
    </section>
  );
}
