/** Who is signed in, for the whole console. `undefined` until the broker has answered, `null` when nobody is. */
import { Store } from "../app/store.ts";
import { type Language, speak } from "../i18n/index.ts";
import { forgetSessions } from "../session/index.ts";
import { ApiError, get, onSignedOut, patch, post } from "./http.ts";
import type { Me } from "./types.ts";

export const me = new Store<Me | null | undefined>(undefined);

onSignedOut(() => me.set(null));

/** Ask the broker who this browser is. */
export async function refreshMe(): Promise<void> {
  try {
    const found = await get<Me>("/me");
    me.set(found);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Signed out and unreachable look the same to a page: both need the sign-in form, which says what is wrong.
    me.set(null);
  }
}

export async function signIn(email: string, password: string, totp: string): Promise<void> {
  await post("/sign-in", { email, password, want: "cookie", ...(totp === "" ? {} : { totp }) });
  await refreshMe();
}

export async function signOut(): Promise<void> {
  await forgetSessions();
  await post("/sign-out");
  me.set(null);
}

/** Read the console in `chosen`: at once and in this browser; the account remembers it for what the broker writes. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  speak(chosen);
  if (me.value) await patch("/me", { lang: chosen });
}
