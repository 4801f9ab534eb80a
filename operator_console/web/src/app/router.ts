/**
 * Hash router: `#/sessions/abc?page=2` → path segments and parameters. The whole state of a page's address is in the
 * fragment, so the broker serves one file and the same build runs behind any address.
 */
import { useEffect, useMemo, useState } from "preact/hooks";

export interface Route {
  /** Decoded path segments: `#/sessions/abc` is `["sessions", "abc"]`; the start page is `[]`. */
  readonly segments: readonly string[];
  readonly params: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const segments = path.split("/").filter((part) => part !== "").map(decode);
  return { segments, params: new URLSearchParams(query) };
}

/** The other way: what `parseRoute` reads as this route, without its `#`. */
export function addressOf({ segments, params }: Route): string {
  const query = params.size === 0 ? "" : `?${params}`;
  return `/${segments.map(encodeURIComponent).join("/")}${query}`;
}

/** Go to a page; with `replace` the page that is left isn't kept in the history. */
export function navigate(path: string, options: { replace?: boolean } = {}): void {
  const address = `#${path.startsWith("/") ? path : `/${path}`}`;
  if (options.replace) {
    history.replaceState(null, "", address);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = address;
  }
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    changed(); // it may have, before anybody listened
    return () => removeEventListener("hashchange", changed);
  }, []);
  return useMemo(() => parseRoute(hash), [hash]);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // A malformed escape is shown as it came and matches no page.
  }
}
