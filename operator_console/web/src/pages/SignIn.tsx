import type { Route } from "../app/router.ts";

export function SignInPage(_props: { route: Route }) {
  return null;
}
