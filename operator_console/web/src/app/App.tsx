/** The shell: header, navigation, and the page that the address names. Pages are listed in routes.tsx. */
import { useEffect, useRef } from "preact/hooks";

import { me, refreshMe } from "../api/account.ts";
import { language, t } from "../i18n/index.ts";
import { Header } from "../pages/Header.tsx";
import { addressOf, navigate, type Route, useRoute } from "./router.ts";
import { type Page, pageFor } from "./routes.tsx";
import { useStore } from "./store.ts";

export function App() {
  const route = useRoute();
  useStore(language); // A switch of language draws every sentence anew.
  const page = pageFor(route);
  const allowed = useSignedIn(page, route);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  useEffect(() => {
    document.title = `${page.title} · Relevo`;
    // After a change of page the reading position starts at its content (a screen reader announces it), if no field has it.
    if (first.current) first.current = false;
    else if (!main.current?.contains(document.activeElement)) main.current?.focus();
  }, [page.title]);

  const view = allowed ? page.view : <p aria-busy="true">{t("Loading…")}</p>;
  if (page.bare) return <main id="content" ref={main} tabIndex={-1} class="bare">{view}</main>;
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t("Skip to content")}
      </a>
      <Header route={route} />
      <main id="content" ref={main} tabIndex={-1} class="container">{view}</main>
    </>
  );
}

/** Whether the page may be shown now; leads to the sign-in form, and back afterwards, when nobody is signed in. */
function useSignedIn(page: Page, route: Route): boolean {
  const who = useStore(me);
  useEffect(() => {
    if (who === undefined) void refreshMe();
    if (who === null && !page.open) {
      const back = addressOf(route);
      navigate(back === "/" ? "/sign-in" : `/sign-in?${new URLSearchParams({ then: back })}`, { replace: true });
    }
  }, [who, page.open]);
  return page.open === true || (who !== undefined && who !== null);
}
