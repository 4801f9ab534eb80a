import type { Route } from "../app/router.ts";

export function AdministrationPage(_props: { route: Route }) {
  return null;
}
