/** The bar above every page: where one can go, who is signed in, the language. */
import { chooseLanguage, me, signOut } from "../api/account.ts";
import { navigate, type Route } from "../app/router.ts";
import { useStore } from "../app/store.ts";
import { language, t } from "../i18n/index.ts";

export function Header({ route }: { route: Route }) {
  const who = useStore(me);
  const here = route.segments[0] ?? "";
  const link = (path: string, label: string) => (
    <li><a href={`#/${path}`} {...(here === path.split("/")[0] ? { "aria-current": "page" as const } : {})}>{label}</a></li>
  );
  const leave = async () => {
    await signOut();
    navigate("/sign-in");
  };
  return (
    <header class="bar">
      <nav class="container" aria-label={t("Main")}>
        <ul>
          <li><a class="brand" href="#/"><Mark /> Relevo</a></li>
          {who && who.role !== "auditor" && link("", t("Connect"))}
          {who && link("sessions", who.role === "operator" ? t("My sessions") : t("Sessions"))}
          {who && link("records", t("Records"))}
          {who && who.role !== "operator" && link("dashboard", t("Dashboard"))}
          {who && who.role !== "operator" && link("admin", t("Administration"))}
        </ul>
        <ul>
          {who && <li><a href="#/account" title={who.email}>{who.name} · {who.org_name}</a></li>}
          {who && <li><button type="button" class="secondary outline small" onClick={() => void leave()}>{t("Sign out")}</button></li>}
          <li><LanguageSwitch /></li>
        </ul>
      </nav>
    </header>
  );
}

function LanguageSwitch() {
  const now = useStore(language);
  const other = now === "es" ? "en" : "es";
  return (
    <button type="button" class="secondary outline small" lang={other} onClick={() => void chooseLanguage(other)}>
      {other === "es" ? "Español" : "English"}
    </button>
  );
}

/** Two hands passing a baton, reduced to two arcs. */
function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <path d="M6 20a10 10 0 0 1 16-8" fill="none" stroke="currentColor" stroke-width="4" stroke-linecap="round" />
      <path d="M26 12a10 10 0 0 1-16 8" fill="none" stroke="var(--relevo-accent)" stroke-width="4" stroke-linecap="round" />
    </svg>
  );
}
