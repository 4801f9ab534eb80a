/** After the end: why, how long it was, and what can be done next. */
import { useEffect, useRef, useState } from "preact/hooks";

import { useStore } from "../../app/store.ts";
import { duration } from "../../i18n/index.ts";
import { showId } from "../../protocol/code.ts";
import type { Ending } from "../ending.ts";
import type { Snapshot } from "../machine.ts";
import type { LiveSession } from "../runner.ts";
import { endingSentence, t } from "../sentences.ts";

export function Over({ session, view, ending }: { session: LiveSession; view: Snapshot; ending: Ending }) {
  const { what, advice } = endingSentence(ending);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <article class="narrow" data-ending={`${ending.kind}:${ending.reason}`}>
      <header>
        <h1 ref={heading} tabIndex={-1}>{ending.kind === "ended" ? t("The session has ended") : t("No session")}</h1>
      </header>
      <p role="alert"><strong>{what}</strong> {advice}</p>
      <dl class="facts">
        <div><dt>{t("Customer's ID")}</dt><dd>{showId(view.agentId)}</dd></div>
        {view.connectedSeconds !== undefined && (
          <div><dt>{t("Time that counts")}</dt><dd>{duration(view.connectedSeconds)}</dd></div>
        )}
      </dl>
      <footer class="actions">
        <a href="#/" role="button">{t("New session")}</a>
        <a href="#/sessions" role="button" class="secondary">{t("Sessions")}</a>
        <Witness session={session} />
      </footer>
    </article>
  );
}

/** What the broker signed about the log, to be kept: `relevo log verify --witness FILE` finds out if the log was cut. */
function Witness({ session }: { session: LiveSession }) {
  const witness = useStore(session.witness);
  const [address, setAddress] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (!witness) return undefined;
    const made = URL.createObjectURL(new Blob([JSON.stringify(witness)], { type: "application/json" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [witness]);
  if (!witness || !address) return null;
  return <a href={address} download={`relevo-witness-${witness.session_id}.json`}>{t("Save the log's witness")}</a>;
}
