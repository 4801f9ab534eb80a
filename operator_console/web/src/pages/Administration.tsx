/** The administrators' pages, by the second segment of the address. Auditors see what they may only read. */
import { me } from "../api/account.ts";
import type { Route } from "../app/router.ts";
import { useStore } from "../app/store.ts";
import { t } from "../i18n/index.ts";
import { LogPage } from "./admin/Log.tsx";
import { OperatorsPage } from "./admin/Operators.tsx";
import { OrganisationPage } from "./admin/Organisation.tsx";
import { AlertsPage, SuspicionsPage } from "./admin/Reports.tsx";
import { TermsPage } from "./admin/Terms.tsx";

export function AdministrationPage({ route }: { route: Route }) {
  const who = useStore(me);
  const admin = who?.role === "admin";
  const parts = [
    ...(admin ? [{ key: "operators", title: t("Operators"), view: <OperatorsPage /> }] : []),
    ...(admin ? [{ key: "organisation", title: t("Organisation"), view: <OrganisationPage /> }] : []),
    { key: "terms", title: t("Terms of service"), view: <TermsPage mayWrite={admin} /> },
    { key: "suspicions", title: t("Reported suspicions"), view: <SuspicionsPage mayHandle={admin} /> },
    { key: "alerts", title: t("Alerts"), view: <AlertsPage /> },
    { key: "log", title: t("Log"), view: <LogPage /> },
  ];
  const chosen = parts.find((part) => part.key === route.segments[1]) ?? parts[0];
  return (
    <>
      <h1>{chosen?.title}</h1>
      <nav class="tabs" aria-label={t("Administration")}>
        <ul>
          {parts.map((part) => (
            <li key={part.key}>
              <a href={`#/admin/${part.key}`} {...(part === chosen ? { "aria-current": "page" as const } : {})}>{part.title}</a>
            </li>
          ))}
        </ul>
      </nav>
      {chosen?.view}
    </>
  );
}
