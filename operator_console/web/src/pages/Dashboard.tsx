/** The dashboard's page. What it draws with is fetched when somebody opens it, so that the sign-in page stays small. */
import type { Route } from "../app/router.ts";
import { Loading, useLoad } from "./ui.tsx";

export function DashboardPage({ route }: { route: Route }) {
  const part = useLoad(() => import("./dashboard/Figures.tsx"), "figures");
  return <Loading of={part}>{({ Figures }) => <Figures route={route} />}</Loading>;
}
