/** After the end: why, how long it was, and what can be done next. */
import { useEffect, useRef } from "preact/hooks";

import { duration } from "../../i18n/index.ts";
import { showId } from "../../protocol/code.ts";
import type { Ending } from "../ending.ts";
import type { Snapshot } from "../machine.ts";
import { endingSentence, t } from "../sentences.ts";

export function Over({ view, ending }: { view: Snapshot; ending: Ending }) {
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
      </footer>
    </article>
  );
}
