/** The one place that calls the broker's HTTP API. A refusal becomes an `ApiError` with a sentence to show. */
import { language, t } from "../i18n/index.ts";

export class ApiError extends Error {
  readonly status: number;
  /** The broker's stable word, such as `denied`; `network` when it was not reached. */
  readonly word: string;

  constructor(status: number, word: string, message: string) {
    super(message);
    this.status = status;
    this.word = word;
  }
}

/** Called when the broker says that this browser is signed in no more: signed out elsewhere, disabled, too long idle. */
let whenSignedOut = (): void => {};

export function onSignedOut(act: () => void): void {
  whenSignedOut = act;
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      headers: {
        "Accept-Language": language.value,
        ...(body === undefined || body instanceof Blob ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, "network", t("The service can't be reached. Check the connection and try again."));
  }
  const text = await answer.text();
  const value = parse(text);
  if (answer.ok) return value as T;
  const word = stringOf(value, "error") ?? "failed";
  if (word === "not_signed_in") whenSignedOut();
  throw new ApiError(answer.status, word, stringOf(value, "message") ?? byStatus(answer.status));
}

export const get = <T>(path: string): Promise<T> => call<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>("POST", path, body);
export const patch = <T>(path: string, body: unknown): Promise<T> => call<T>("PATCH", path, body);
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>("PUT", path, body);
export const remove = <T>(path: string, body?: unknown): Promise<T> => call<T>("DELETE", path, body);

/** `?a=1&b=2` of what is not empty. */
export function query(values: Readonly<Record<string, string | number | null | undefined>>): string {
  const kept = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return kept.length === 0 ? "" : `?${new URLSearchParams(kept.map(([key, value]) => [key, String(value)]))}`;
}

function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function stringOf(value: unknown, key: string): string | undefined {
  const found: unknown = value !== null && typeof value === "object" ? (value as Record<string, unknown>)[key] : undefined;
  return typeof found === "string" ? found : undefined;
}

function byStatus(status: number): string {
  if (status === 401) return t("You are not signed in.");
  if (status === 403) return t("Your account may not do this.");
  if (status === 404) return t("This doesn't exist.");
  if (status === 413) return t("That is too large.");
  if (status === 429) return t("Too many attempts. Wait a moment and try again.");
  if (status >= 500) return t("The service failed. Try again; if it goes on, tell your administrator.");
  return t("The service refused what was entered.");
}
