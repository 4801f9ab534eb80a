/** The shell: header, navigation, and the page that the address names. Pages are listed in routes.tsx. */
import { useEffect, useRef } from "preact/hooks";

import { t } from "../i18n/index.ts";
import { useRoute } from "./router.ts";
import { pageFor } from "./routes.tsx";
import { Header } from "../pages/Header.tsx";

export function App() {
  const route = useRoute();
  const page = pageFor(route);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  useEffect(() => {
    document.title = `${page.title} · Relevo`;
    // After a change of page the reading position starts at its content (a screen reader announces it).
    if (first.current) first.current = false;
    else main.current?.focus();
  }, [page.title]);

  if (page.bare) return <main ref={main} tabIndex={-1} class="bare">{page.view}</main>;
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t("Skip to content")}
      </a>
      <Header route={route} />
      <main ref={main} tabIndex={-1} class="container">{page.view}</main>
    </>
  );
}
