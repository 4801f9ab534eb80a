/** From the request to the customer's consent: what is done, what is being waited for, and a way out. */
import { useEffect, useState } from "preact/hooks";

import { LIMITS } from "../../protocol/gen/limits.ts";
import { showId } from "../../protocol/code.ts";
import type { Snapshot } from "../machine.ts";
import { State } from "../states.ts";
import type { LiveSession } from "../runner.ts";
import { stateSentence, t } from "../sentences.ts";

export function Waiting({ session, view }: { session: LiveSession; view: Snapshot }) {
  const { state, offer } = view;
  return (
    <article class="narrow">
      <header>
        <h1>{t("Connecting to {id}", { id: showId(view.agentId) })}</h1>
      </header>
      <p role="status" aria-busy={state !== State.CONSENT}>{stateSentence(state)}</p>
      {state === State.CONSENT && <ConsentClock />}
      {offer && (
        <dl class="facts">
          <div><dt>{t("Service")}</dt><dd>{offer.service}</dd></div>
          <div>
            <dt>{t("The customer sees")}</dt>
            <dd>{offer.operator_name} · {offer.org_name}</dd>
          </div>
        </dl>
      )}
      <footer>
        <button type="button" class="secondary" onClick={() => session.end()}>{t("Cancel")}</button>
      </footer>
    </article>
  );
}

/** The customer has a minute, counted by their computer; this one is about as far. */
function ConsentClock() {
  const [left, setLeft] = useState<number>(LIMITS.CONSENT);
  useEffect(() => {
    const started = performance.now();
    const beat = setInterval(() => setLeft(Math.max(0, LIMITS.CONSENT - (performance.now() - started) / 1000)), 1000);
    return () => clearInterval(beat);
  }, []);
  return (
    <>
      <p>{t("Their window asks now. Tell the customer to look at it and click.")}</p>
      <progress max={LIMITS.CONSENT} value={left} aria-label={t("Time left to answer")} />
    </>
  );
}
