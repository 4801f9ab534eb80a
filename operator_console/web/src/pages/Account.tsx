/** One's own account: password and second factor. */
import { useState } from "preact/hooks";

import { me, refreshMe } from "../api/account.ts";
import { post, remove } from "../api/http.ts";
import { useStore } from "../app/store.ts";
import { t } from "../i18n/index.ts";
import { PASSWORD_MINIMUM } from "./TokenPages.tsx";
import { ActionForm, ErrorLine, Field, TotpField, useAction } from "./ui.tsx";
import { roleWord } from "./words.ts";

export function AccountPage() {
  const who = useStore(me);
  if (!who) return null;
  return (
    <>
      <h1>{who.name}</h1>
      <p>{who.email} · {roleWord(who.role)} · {who.org_name}</p>
      <div class="grid">
        <PasswordCard />
        {who.totp_enabled ? <TotpOff /> : <TotpOn />}
      </div>
    </>
  );
}

function PasswordCard() {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const save = async () => {
    if (fresh !== again) throw new Error(t("The two passwords differ."));
    await post("/me/password", { old, new: fresh });
    setOld("");
    setFresh("");
    setAgain("");
  };
  return (
    <article>
      <h2>{t("Password")}</h2>
      <ActionForm label={t("Change password")} action={save} done={t("Changed. Other places where you were signed in are signed out.")}>
        <input hidden readOnly autoComplete="username" value={me.value?.email ?? ""} />
        <Field label={t("Password now")} value={old} onValue={setOld} input={{ type: "password", autoComplete: "current-password", required: true }} />
        <Field label={t("New password")} value={fresh} onValue={setFresh} hint={t("At least {n} characters.", { n: PASSWORD_MINIMUM })}
          input={{ type: "password", autoComplete: "new-password", required: true, minLength: PASSWORD_MINIMUM }} />
        <Field label={t("New password, once more")} value={again} onValue={setAgain} input={{ type: "password", autoComplete: "new-password", required: true }} />
      </ActionForm>
    </article>
  );
}

interface Enrolment {
  readonly secret: string;
  readonly uri: string;
  readonly qr_svg: string;
}

function TotpOn() {
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [code, setCode] = useState("");
  const { busy, error, run } = useAction(async () => setEnrolment(await post<Enrolment>("/me/totp")));
  const confirm = async () => {
    await post("/me/totp/confirm", { code });
    await refreshMe();
  };
  return (
    <article>
      <h2>{t("Second factor")}</h2>
      {enrolment === null ? (
        <>
          <p>{t("An authenticator program on your phone makes a code for each sign-in.")}</p>
          <ErrorLine error={error} />
          <button type="button" aria-busy={busy} onClick={() => void run()}>{t("Set up")}</button>
        </>
      ) : (
        <ActionForm label={t("Confirm")} action={confirm}>
          <img class="qr" alt={t("QR code for the authenticator")} src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr_svg)}`} />
          <p><small>{t("Or type this secret:")} <code>{enrolment.secret}</code></small></p>
          <TotpField value={code} onValue={setCode} autoFocus />
        </ActionForm>
      )}
    </article>
  );
}

function TotpOff() {
  const [password, setPassword] = useState("");
  const off = async () => {
    await remove("/me/totp", { password });
    await refreshMe();
  };
  return (
    <article>
      <h2>{t("Second factor")}</h2>
      <p>{t("On. Each sign-in asks for a code.")}</p>
      <ActionForm label={t("Switch off")} action={off}>
        <Field label={t("Password now")} value={password} onValue={setPassword} input={{ type: "password", autoComplete: "current-password", required: true }} />
      </ActionForm>
    </article>
  );
}
