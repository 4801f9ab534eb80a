/** Sign in. The second factor is asked for when the account has one. */
import { useState } from "preact/hooks";

import { signIn } from "../api/account.ts";
import { ApiError } from "../api/http.ts";
import { navigate, type Route } from "../app/router.ts";
import { t } from "../i18n/index.ts";
import { ActionForm, Field, TotpField } from "./ui.tsx";

export function SignInPage({ route }: { route: Route }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const [needsTotp, setNeedsTotp] = useState(false);

  const submit = async () => {
    try {
      await signIn(email, password, totp);
    } catch (error) {
      if (error instanceof ApiError && error.word === "totp_needed") setNeedsTotp(true);
      throw error;
    }
    // Only a path of our own: an address is never followed as a link to elsewhere.
    navigate(route.params.get("then") ?? "/", { replace: true });
  };

  return (
    <article class="narrow">
      <h1>{t("Sign in")}</h1>
      <ActionForm label={t("Sign in")} action={submit}>
        <Field label={t("E-mail")} value={email} onValue={setEmail}
          input={{ type: "email", autoComplete: "username", required: true, autoFocus: true, name: "email" }} />
        <Field label={t("Password")} value={password} onValue={setPassword}
          input={{ type: "password", autoComplete: "current-password", required: true, name: "password" }} />
        {needsTotp && <TotpField value={totp} onValue={setTotp} autoFocus />}
      </ActionForm>
      <p><small>{t("Forgotten the password? An administrator of your organisation can make you a link for a new one.")}</small></p>
    </article>
  );
}
