/** One customer: facts, contacts, consents, contracts, and what becomes of the personal data (E15). */
import { useState } from "preact/hooks";

import { get, patch, post, put, query, remove } from "../../api/http.ts";
import type { CustomerDetail, CustomerStatus, InvoicePage, WorkPage } from "../../api/records.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { ActionForm, ConfirmButton, Field, Loading, useLoad } from "../ui.tsx";
import { Contracts } from "./Contracts.tsx";
import { CustomerForm } from "./CustomerForm.tsx";
import { InvoiceTable } from "./Invoices.tsx";
import { Choice, DangerButton, DialogButton, Facts } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { WorkTable } from "./Work.tsx";
import { statusWords } from "./words.ts";

interface Part {
  readonly of: CustomerDetail;
  readonly may: Rights;
  readonly reload: () => void;
}

export function CustomerPage({ id, may }: { id: string; may: Rights }) {
  const path = `/customers/${encodeURIComponent(id)}`;
  const customer = useLoad(() => get<CustomerDetail>(path), id);
  return (
    <>
      <p><a href="#/records/customers">← {t("All customers")}</a></p>
      <Loading of={customer}>
        {(found) => {
          const gone = found.erased_utc !== null;
          const part = { of: found, may: gone ? { ...may, write: false, writeBills: false } : may, reload: customer.reload };
          return (
            <>
              <h1>{gone ? t("erased") : found.name}</h1>
              <Known {...part} />
              <Contracts customerId={found.id} may={part.may} />
              <CustomerWork id={found.id} />
              {may.readBills && <CustomerInvoices id={found.id} />}
              <div class="pair"><Contacts {...part} /><Consents {...part} /></div>
              {may.readBills && <PersonalData {...part} />}
            </>
          );
        }}
      </Loading>
    </>
  );
}

function Known({ of, may, reload }: Part) {
  return (
    <section>
      <Facts of={[
        [t("Status"), <span class={of.status === "active" ? "" : "warn"}>{statusWords()[of.status]}</span>],
        [t("E-mail"), of.email || "–"],
        [t("Telephone"), of.phone || "–"],
        [t("Tax ID"), of.tax_id || "–"],
        [t("Licence key"), of.licence_key || "–"],
        [t("Address"), of.address || "–"],
        [t("Region"), of.local ? t("the provider's") : t("elsewhere")],
        [t("Language"), of.lang === "es" ? t("Spanish") : t("English")],
        [t("Since"), dateTime(of.created_utc)],
      ]} />
      {of.note && <p class="words">{of.note}</p>}
      <p class="actions">
        {may.write && (
          <DialogButton label={t("Correct")} title={t("Correct")}>
            {(close) => <CustomerForm customer={of} label={t("Save")} save={async (facts) => {
              await patch(`/customers/${of.id}`, facts);
              close();
              reload();
            }} />}
          </DialogButton>
        )}
        {may.writeBills && (
          <DialogButton label={t("Change status")} title={t("Change status")}>
            {(close) => <StatusForm of={of} done={() => (close(), reload())} />}
          </DialogButton>
        )}
      </p>
    </section>
  );
}

/** The latest work; the whole of it is a click away. */
function CustomerWork({ id }: { id: string }) {
  const work = useLoad(() => get<WorkPage>(`/time-entries${query({ customer: id })}`), id);
  return (
    <section>
      <h2>{t("Work")}</h2>
      <Loading of={work}>{({ items }) => (items.length === 0 ? <p>{t("None.")}</p> : <WorkTable rows={items} />)}</Loading>
      <p><a href={`#/records/work${query({ customer: id })}`}>{t("With filters")}</a></p>
    </section>
  );
}

function CustomerInvoices({ id }: { id: string }) {
  const invoices = useLoad(() => get<InvoicePage>(`/invoices${query({ customer: id })}`), id);
  return (
    <section>
      <h2>{t("Invoices")}</h2>
      <Loading of={invoices}>{({ items, totals }) => (items.length === 0 ? <p>{t("None.")}</p> : <InvoiceTable rows={items} totals={totals} />)}</Loading>
      <p><a href={`#/records/invoices${query({ customer: id })}`}>{t("With filters")}</a></p>
    </section>
  );
}

function StatusForm({ of, done }: { of: CustomerDetail; done: () => void }) {
  const [status, setStatus] = useState<string>(of.status);
  const save = async () => {
    await put(`/customers/${of.id}/status`, { status: status as CustomerStatus });
    done();
  };
  return (
    <ActionForm label={t("Save")} action={save}>
      <Choice label={t("Status")} value={status} options={Object.entries(statusWords())} onValue={setStatus} />
      <p><small>{t("The policy says whether those behind with payment are served.")}</small></p>
    </ActionForm>
  );
}

function Contacts({ of, may, reload }: Part) {
  return (
    <section>
      <h2>{t("Contacts")}</h2>
      {of.contacts.length === 0 ? <p>{t("None.")}</p> : (
        <ul>
          {of.contacts.map((one) => (
            <li key={one.id}>
              {[one.name, one.email, one.phone].filter(Boolean).join(" · ")}{" "}
              {may.write && <ConfirmButton label={t("Remove")} question={t("Remove {name}?", { name: one.name })} action={async () => {
                await remove(`/customers/${of.id}/contacts/${one.id}`);
                reload();
              }} />}
            </li>
          ))}
        </ul>
      )}
      {may.write && <DialogButton label={t("Add a contact")} title={t("Add a contact")}>{(close) => <ContactForm id={of.id} done={() => (close(), reload())} />}</DialogButton>}
    </section>
  );
}

function ContactForm({ id, done }: { id: string; done: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [phone, setPhone] = useState("");
  const add = async () => {
    await post(`/customers/${id}/contacts`, { name, email, phone });
    done();
  };
  return (
    <ActionForm label={t("Add")} action={add}>
      <Field label={t("Name")} value={name} onValue={setName} input={{ required: true, maxLength: 200 }} />
      <Field label={t("E-mail")} value={email} onValue={setEmail} input={{ type: "email", maxLength: 254 }} hint={t("The customer is recognised by it, too.")} />
      <Field label={t("Telephone")} value={phone} onValue={setPhone} input={{ type: "tel", maxLength: 40 }} />
    </ActionForm>
  );
}

function Consents({ of, may, reload }: Part) {
  return (
    <section>
      <h2>{t("Consents")}</h2>
      {of.consents.length === 0 ? <p>{t("None.")}</p> : (
        <ul>
          {of.consents.map((one) => <li key={one.id}>{dateTime(one.utc)}: {one.given ? t("agreed to “{purpose}”", { purpose: one.purpose }) : t("took back “{purpose}”", { purpose: one.purpose })}</li>)}
        </ul>
      )}
      {may.write && <DialogButton label={t("Write down a consent")} title={t("Write down a consent")}>{(close) => <ConsentForm id={of.id} done={() => (close(), reload())} />}</DialogButton>}
    </section>
  );
}

function ConsentForm({ id, done }: { id: string; done: () => void }) {
  const [purpose, setPurpose] = useState("");
  const [given, setGiven] = useState("yes");
  const add = async () => {
    await post(`/customers/${id}/consents`, { purpose, given: given === "yes" });
    done();
  };
  return (
    <ActionForm label={t("Add")} action={add}>
      <Field label={t("Purpose")} value={purpose} onValue={setPurpose} input={{ required: true, maxLength: 40 }} />
      <Choice label={t("The customer")} value={given} options={[["yes", t("agreed")], ["no", t("took it back")]]} onValue={setGiven} />
      <p><small>{t("Nothing that was written down is changed; the last word about a purpose holds.")}</small></p>
    </ActionForm>
  );
}

function PersonalData({ of, may, reload }: Part) {
  const erase = async () => {
    await post(`/customers/${of.id}/erase`);
    reload();
  };
  return (
    <section>
      <h2>{t("Personal data")}</h2>
      {of.erased_utc !== null && <p>{t("Erased on {when}. Bills and work keep their figures.", { when: dateTime(of.erased_utc) })}</p>}
      <p class="actions">
        <a role="button" class="secondary outline small" download href={`/api/v1/customers/${of.id}/data`}>{t("Export everything that is held")}</a>
        {may.writeBills && <DangerButton label={t("Erase personal data")} question={t("Name, addresses, contacts and what was written are erased for good. Bills and work keep their figures. This can't be undone.")} action={erase} />}
      </p>
    </section>
  );
}
