import type { Route } from "../app/router.ts";

export function Header(_props: { route: Route }) {
  return null;
}
