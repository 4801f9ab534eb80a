import type { Route } from "../app/router.ts";

export function SessionsPage(_props: { route: Route }) {
  return null;
}
