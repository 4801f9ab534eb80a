/** The page of this tab's session: waiting, live, over, or none at all. */
import { useEffect, useState } from "preact/hooks";

import "./session.css";
import { useStore } from "../../app/store.ts";
import { Header } from "../../pages/Header.tsx";
import { current, restore } from "../index.ts";
import { State } from "../states.ts";
import type { LiveSession } from "../runner.ts";
import { t } from "../sentences.ts";
import { Desk } from "./Desk.tsx";
import { Over } from "./Over.tsx";
import { Waiting } from "./Waiting.tsx";

const ROUTE = { segments: ["session"], params: new URLSearchParams() };

export function LiveSessionPage() {
  const session = useStore(current);
  const [looked, setLooked] = useState(false);
  useEffect(() => void restore().finally(() => setLooked(true)), []);

  if (session) return <SessionView key={session} session={session} />;
  return (
    <Framed>
      {looked ? (
        <article class="narrow">
          <h1>{t("There is no session in this tab")}</h1>
          <p><a href="#/" role="button">{t("Connect")}</a></p>
        </article>
      ) : (
        <p aria-busy="true">{t("Loading…")}</p>
      )}
    </Framed>
  );
}

function SessionView({ session }: { session: LiveSession }) {
  const view = useStore(session.view);
  // The desk stays while the line is away, so that the picture does.
  const [begun, setBegun] = useState(false);
  useEffect(() => {
    if (view.state === State.LIVE) setBegun(true);
  }, [view.state]);

  if (view.state === State.ENDED && view.ending) return <Framed><Over session={session} view={view} ending={view.ending} /></Framed>;
  if (begun || view.state === State.LIVE) return <Desk session={session} view={view} />;
  return <Framed><Waiting session={session} view={view} /></Framed>;
}

function Framed({ children }: { children: preact.ComponentChildren }) {
  return (
    <>
      <Header route={ROUTE} />
      <div class="container">{children}</div>
    </>
  );
}
