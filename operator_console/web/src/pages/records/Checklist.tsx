/** What a prepaid service says to do (T5): ticked in its session and kept in the log; a tick is not taken back. */
import type { ComponentChildren } from "preact";

import type { ChecklistEntry } from "../../api/desk.ts";
import { get, put } from "../../api/http.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { ErrorLine, useAction, useLoad } from "../ui.tsx";
import { nameIn, useColleagues } from "./parts.tsx";
import { inWords, whenWord } from "./words.ts";

interface List {
  readonly items: readonly ChecklistEntry[];
}

/** Nothing for a session without a checklist; `children` put the list where it belongs. */
export function Checklist({ sessionId, mayTick, children }: { sessionId: string; mayTick: boolean; children: (list: ComponentChildren) => ComponentChildren }) {
  const path = `/sessions/${encodeURIComponent(sessionId)}/checklist`;
  const list = useLoad(() => get<List>(path), path);
  const { value } = useColleagues();
  const colleagues = value ?? [];
  if (list.error !== null) return <ErrorLine error={list.error} />;
  if (list.value === null || list.value.items.length === 0) return null;
  const tick = (number: number) => async () => {
    await put(`${path}/${number}`, {});
    list.reload();
  };
  return (
    <>
      {children(
        <ul class="checklist">
          {list.value.items.map((item, number) => <li key={number}><Task item={item} mayTick={mayTick} by={nameIn(colleagues, item.ticked_by)} tick={tick(number)} /></li>)}
        </ul>,
      )}
    </>
  );
}

/** Whoever ticks by keyboard keeps the focus: what is done only takes no second tick. */
function Task({ item, mayTick, by, tick }: { item: ChecklistEntry; mayTick: boolean; by: string; tick: () => Promise<void> }) {
  const { busy, error, run } = useAction(tick);
  const done = item.ticked_utc !== null;
  return (
    <>
      <label>
        <input type="checkbox" checked={done} disabled={!mayTick} aria-disabled={done} onClick={(event) => (done || busy) && event.preventDefault()} onChange={() => void run()} />{" "}
        {words(item)}
      </label>
      {done && <small>{t("{when}, {name}", { when: dateTime(item.ticked_utc), name: by })}</small>}
      <ErrorLine error={error} />
    </>
  );
}

/** The same before there is a session. */
export function TaskList({ tasks }: { tasks: readonly Pick<ChecklistEntry, "text" | "when">[] }) {
  return <ul>{tasks.map((one, index) => <li key={index}>{words(one)}</li>)}</ul>;
}

function words({ text, when }: Pick<ChecklistEntry, "text" | "when">): string {
  const only = whenWord(when);
  return only === "" ? inWords(text) : `${inWords(text)} (${only})`;
}
