/** Every page of the console: the address, the title, the view. The first segment decides. */
import type { ComponentChildren } from "preact";

import { t } from "../i18n/index.ts";
import { AccountPage } from "../pages/Account.tsx";
import { AdministrationPage } from "../pages/Administration.tsx";
import { ConnectPage } from "../pages/Connect.tsx";
import { DashboardPage } from "../pages/Dashboard.tsx";
import { RecordsPage } from "../pages/Records.tsx";
import { SessionsPage } from "../pages/Sessions.tsx";
import { SignInPage } from "../pages/SignIn.tsx";
import { InvitationPage, ResetPage, SetupPage } from "../pages/TokenPages.tsx";
import { LiveSessionPage } from "../session/ui/LiveSessionPage.tsx";
import type { Route } from "./router.ts";

export interface Page {
  readonly title: string;
  readonly view: ComponentChildren;
  /** Without header and margins: the live session uses the whole window. */
  readonly bare?: boolean;
  /** For people who are not signed in. */
  readonly open?: boolean;
}

export function pageFor(route: Route): Page {
  switch (route.segments[0]) {
    case undefined:
      return { title: t("Connect"), view: <ConnectPage route={route} /> };
    case "sign-in":
      return { title: t("Sign in"), view: <SignInPage route={route} />, open: true };
    case "setup":
      return { title: t("First administrator"), view: <SetupPage route={route} />, open: true };
    case "invitation":
      return { title: t("You are invited"), view: <InvitationPage route={route} />, open: true };
    case "reset":
      return { title: t("Choose a new password"), view: <ResetPage route={route} />, open: true };
    case "session":
      return { title: t("Session"), view: <LiveSessionPage />, bare: true };
    case "sessions":
      return { title: t("Sessions"), view: <SessionsPage route={route} /> };
    case "account":
      return { title: t("Account"), view: <AccountPage /> };
    case "admin":
      return { title: t("Administration"), view: <AdministrationPage route={route} /> };
    case "dashboard":
      return { title: t("Dashboard"), view: <DashboardPage route={route} /> };
    case "records":
      return { title: t("Records"), view: <RecordsPage route={route} /> };
    default:
      return { title: t("Page not found"), view: <NotFound />, open: true };
  }
}

function NotFound() {
  return (
    <article>
      <h1>{t("Page not found")}</h1>
      <p>{t("There is no page at this address.")} <a href="#/">{t("Go to the start")}</a></p>
    </article>
  );
}
