/**
 * Pages that a one-time link opens: the first administrator, an invitation, a new password. The token is in the
 * address's fragment, which browsers never send; it is used once, by POST (pairing rule 10).
 */
import type { ComponentChildren } from "preact";
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

/** The link's token, and the page that it opens; a link that was cut while it was copied says so before anything is typed. */
function WithToken({ route, title, children }: { route: Route; title: string; children: (token: string) => ComponentChildren }) {
  const token = route.params.get("token") ?? "";
  return (
    <article class="narrow">
      <h1>{title}</h1>
      {/^[\w-]{43}$/.test(token)
        ? children(token)
        : <p role="alert" class="error">{t("This link is not complete. Copy the whole of it, or ask for a new one.")}</p>}
    </article>
  );
}

export function SetupPage({ route }: { route: Route }) {
  const [organisation, setOrganisation] = useState("");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const password = usePassword();
  const submit = async (token: string) => {
    await post("/setup", { token, organisation_name: organisation, name, email, password: password.checked() });
    navigate("/sign-in", { replace: true });
  };
  return (
    <WithToken route={route} title={t("First administrator")}>
      {(token) => (
        <>
          <p>{t("This account manages operators, terms and prices. The link that brought you here works once.")}</p>
          <ActionForm label={t("Create")} action={() => submit(token)}>
            <Field label={t("Name of the organisation")} value={organisation} onValue={setOrganisation} input={{ required: true, maxLength: 200 }} />
            <Field label={t("Your name")} value={name} onValue={setName} input={{ required: true, maxLength: 200, autoComplete: "name" }} />
            <Field label={t("E-mail")} value={email} onValue={setEmail} input={{ type: "email", required: true, autoComplete: "username" }} />
            {password.fields}
          </ActionForm>
        </>
      )}
    </WithToken>
  );
}

export function InvitationPage({ route }: { route: Route }) {
  const [name, setName] = useState("");
  const password = usePassword();
  const submit = async (token: string) => {
    await post("/invitations/accept", { token, name, password: password.checked() });
    navigate("/sign-in", { replace: true });
  };
  return (
    <WithToken route={route} title={t("You are invited")}>
      {(token) => (
        <ActionForm label={t("Create my account")} action={() => submit(token)}>
          <Field label={t("Your name, as customers will see it")} value={name} onValue={setName} input={{ required: true, maxLength: 200, autoComplete: "name" }} />
          {password.fields}
        </ActionForm>
      )}
    </WithToken>
  );
}

export function ResetPage({ route }: { route: Route }) {
  const password = usePassword();
  const submit = async (token: string) => {
    await post("/password-resets/accept", { token, password: password.checked() });
    navigate("/sign-in", { replace: true });
  };
  return (
    <WithToken route={route} title={t("Choose a new password")}>
      {(token) => <ActionForm label={t("Save")} action={() => submit(token)}>{password.fields}</ActionForm>}
    </WithToken>
  );
}
