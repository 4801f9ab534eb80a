/** The terms that customers accept before a code: every version is kept, in both languages (Q8). */
import { useState } from "preact/hooks";

import { me } from "../../api/account.ts";
import { get, post } from "../../api/http.ts";
import type { Organisation, Page, Terms, TermsRow } from "../../api/types.ts";
import { useStore } from "../../app/store.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { ActionForm, Loading, useLoad } from "../ui.tsx";

const LONGEST = 40_000;

export function TermsPage({ mayWrite }: { mayWrite: boolean }) {
  const who = useStore(me);
  const list = useLoad(async () => {
    const [page, organisation] = await Promise.all([get<Page<TermsRow>>("/organisation/terms"), get<Organisation>("/organisation")]);
    return { items: page.items, inForce: organisation.terms_version };
  }, "terms");
  const [published, setPublished] = useState<number | null>(null);
  const done = (version: number) => {
    setPublished(version);
    list.reload();
  };
  return (
    <Loading of={list}>
      {({ items, inForce }) => {
        const latest = Math.max(0, ...items.map((row) => row.version));
        return (
          <>
            {who && <Latest orgId={who.org_id} version={latest} mayWrite={mayWrite} onDone={done} key={latest} />}
            {published !== null && inForce === latest && <p role="status" class="done">{t("Version {n} is in force.", { n: published })}</p>}
            {inForce !== latest && <p role="status">{t("The policy in force names version {n}: customers accept that one until another policy is adopted.", { n: inForce })}</p>}
            <div class="overflow-auto">
              <table>
                <caption>{t("Versions")}</caption>
                <thead><tr><th scope="col" class="figure">{t("Version")}</th><th scope="col">{t("Since")}</th><th scope="col">{t("By")}</th><th scope="col">SHA-256</th></tr></thead>
                <tbody>
                  {items.map((row) => (
                    <tr key={row.version}><td class="figure">{row.version}{row.version === inForce && ` (${t("in force")})`}</td><td>{dateTime(row.created_utc)}</td><td>{row.by}</td><td><code>{row.sha256}</code></td></tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        );
      }}
    </Loading>
  );
}

function Latest({ orgId, version, mayWrite, onDone }: { orgId: string; version: number; mayWrite: boolean; onDone: (version: number) => void }) {
  const terms = useLoad(() => get<Terms>(`/public/organisations/${orgId}/terms/${version}`), `${orgId}/${version}`);
  return <Loading of={terms}>{(found) => <TermsForm terms={found} mayWrite={mayWrite} onDone={onDone} />}</Loading>;
}

function TermsForm({ terms, mayWrite, onDone }: { terms: Terms; mayWrite: boolean; onDone: (version: number) => void }) {
  const [es, setEs] = useState(terms.es);
  const [en, setEn] = useState(terms.en);
  const publish = async () => {
    onDone((await post<{ version: number }>("/organisation/terms", { es, en })).version);
  };
  const areas = (
    <div class="grid">
      <label lang="es">Español<textarea rows={14} lang="es" required maxLength={LONGEST} value={es} readOnly={!mayWrite} onInput={(event) => setEs(event.currentTarget.value)} /></label>
      <label lang="en">English<textarea rows={14} lang="en" required maxLength={LONGEST} value={en} readOnly={!mayWrite} onInput={(event) => setEn(event.currentTarget.value)} /></label>
    </div>
  );
  if (!mayWrite) return areas;
  return (
    <ActionForm label={t("Publish as a new version")} action={publish}>
      {areas}
      <p><small>{t("Every customer accepts the new version before the next code.")}</small></p>
    </ActionForm>
  );
}
