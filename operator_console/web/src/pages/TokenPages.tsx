/**
 * Pages that a one-time link opens: the first administrator, an invitation, a new password. The token is in the
 * address's fragment, which browsers never send; it is used once, by POST (pairing rule 10).
 */
import { useState } from "preact/hooks";

import { post } from "../api/http.ts";
import { navigate, type Route } from "../app/router.ts";
import { t } from "../i18n/index.ts";
import { ActionForm, Field } from "./ui.tsx";

export const PASSWORD_MINIMUM = 12;

function usePassword() {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const checked = () => {
    if (password !== again) throw new Error(t("The two passwords differ."));
    return password;
  };
  const fields = (
    <>
      <Field label={t("New password")} value={password} onValue={setPassword} hint={t("At least {n} characters.", { n: PASSWORD_MINIMUM })}
        input={{ type: "password", autoComplete: "new-password", required: true, minLength: PASSWORD_MINIMUM }} />
      <Field label={t("New password, once more")} value={again} onValue={setAgain}
        input={{ type: "password", autoComplete: "new-password", required: true }} />
    </>
  );
  return { fields, checked };
}

export function SetupPage({ route }: { route: Route }) {
  const [organisation, setOrganisation] = useState("");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const password = usePassword();
  const submit = async () => {
    await post("/setup", { token: token(route), organisation_name: organisation, name, email, password: password.checked() });
    navigate("/sign-in", { replace: true });
  };
  return (
    <article class="narrow">
      <h1>{t("First administrator")}</h1>
      <p>{t("This account manages operators, terms and prices. The link that brought you here works once.")}</p>
      <ActionForm label={t("Create")} action={submit}>
        <Field label={t("Name of the organisation")} value={organisation} onValue={setOrganisation} input={{ required: true, maxLength: 200 }} />
        <Field label={t("Your name")} value={name} onValue={setName} input={{ required: true, maxLength: 200, autoComplete: "name" }} />
        <Field label={t("E-mail")} value={email} onValue={setEmail} input={{ type: "email", required: true, autoComplete: "username" }} />
        {password.fields}
      </ActionForm>
    </article>
  );
}

export function InvitationPage({ route }: { route: Route }) {
  const [name, setName] = useState("");
  const password = usePassword();
  const submit = async () => {
    await post("/invitations/accept", { token: token(route), name, password: password.checked() });
    navigate("/sign-in", { replace: true });
  };
  return (
    <article class="narrow">
      <h1>{t("You are invited")}</h1>
      <ActionForm label={t("Create my account")} action={submit}>
        <Field label={t("Your name, as customers will see it")} value={name} onValue={setName} input={{ required: true, maxLength: 200, autoComplete: "name" }} />
        {password.fields}
      </ActionForm>
    </article>
  );
}

export function ResetPage({ route }: { route: Route }) {
  const password = usePassword();
  const submit = async () => {
    await post("/password-resets/accept", { token: token(route), password: password.checked() });
    navigate("/sign-in", { replace: true });
  };
  return (
    <article class="narrow">
      <h1>{t("Choose a new password")}</h1>
      <ActionForm label={t("Save")} action={submit}>{password.fields}</ActionForm>
    </article>
  );
}

function token(route: Route): string {
  return route.params.get("token") ?? "";
}
