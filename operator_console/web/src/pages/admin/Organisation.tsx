/** The organisation as customers see it: name, logo, services, price, and the limits of a session. */
import { useState } from "preact/hooks";

import { refreshMe } from "../../api/account.ts";
import { get, patch, put, remove } from "../../api/http.ts";
import type { Organisation, Tariff } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { ActionForm, ErrorLine, Field, Loading, useAction, useLoad } from "../ui.tsx";

export function OrganisationPage() {
  const organisation = useLoad(() => get<Organisation>("/organisation"), "organisation");
  return (
    <Loading of={organisation}>
      {(found) => (
        <>
          <OrganisationForm organisation={found} />
          <Logo organisation={found} onChange={organisation.reload} />
          <p>
            {t("Your customers download the program here:")}{" "}
            <a href={`/download/${found.id}`}>{`${location.origin}/download/${found.id}`}</a>
          </p>
        </>
      )}
    </Loading>
  );
}

function OrganisationForm({ organisation }: { organisation: Organisation }) {
  const [name, setName] = useState(organisation.name);
  const [services, setServices] = useState(organisation.services.join("\n"));
  const [note, setNote] = useState(organisation.price_note);
  const [floor, setFloor] = useState(String(organisation.bandwidth_floor_kbit));
  const [minutes, setMinutes] = useState(String(organisation.inactivity_s / 60));
  const [priced, setPriced] = useState(organisation.tariff !== null);
  const [tariff, setTariff] = useState<Tariff>(organisation.tariff ?? { currency: "EUR", unit_minor: 0, minimum_minutes: 0, increment_minutes: 1, tax_percent: "21" });

  const save = async () => {
    await patch("/organisation", {
      name,
      services: services.split("\n").map((line) => line.trim()).filter((line) => line !== ""),
      price_note: note,
      bandwidth_floor_kbit: Number(floor),
      inactivity_s: Math.round(Number(minutes) * 60),
      tariff: priced ? tariff : null,
    });
    await refreshMe(); // The bar above shows the name.
  };

  return (
    <ActionForm label={t("Save")} action={save} done={t("Saved. It applies from the next session on.")}>
      <div class="grid">
        <Field label={t("Name")} value={name} onValue={setName} input={{ required: true, maxLength: 200 }} />
        <Field label={t("Least bandwidth each way, kbit/s")} value={floor} onValue={setFloor} input={{ type: "number", min: 0, max: 1_000_000, required: true }} />
        <Field label={t("End after minutes without activity")} value={minutes} onValue={setMinutes} input={{ type: "number", min: 1, max: 1440, required: true }} />
      </div>
      <label>
        {t("Services, one a line")}
        <textarea rows={4} value={services} onInput={(event) => setServices(event.currentTarget.value)} />
      </label>
      <fieldset>
        <label>
          <input type="checkbox" role="switch" checked={priced} onChange={(event) => setPriced(event.currentTarget.checked)} /> {t("Sessions have a price")}
        </label>
      </fieldset>
      {priced && <TariffFields tariff={tariff} onTariff={setTariff} />}
      <Field label={t("Your sentence about the price")} value={note} onValue={setNote} hint={t("Shown to the customer below the price, as your words.")} input={{ maxLength: 200 }} />
    </ActionForm>
  );
}

function TariffFields({ tariff, onTariff }: { tariff: Tariff; onTariff: (tariff: Tariff) => void }) {
  const digits = minorDigits(tariff.currency);
  const [price, setPrice] = useState((tariff.unit_minor / 10 ** digits).toFixed(digits));
  const setHour = (text: string) => {
    setPrice(text);
    const minor = minorOf(text, digits);
    if (minor !== null) onTariff({ ...tariff, unit_minor: minor });
  };
  const whole = (text: string) => Math.max(0, Math.trunc(Number(text)) || 0);
  return (
    <div class="grid">
      <Field label={t("Price of an hour")} value={price} onValue={setHour} input={{ inputMode: "decimal", required: true, pattern: "[0-9]+([.,][0-9]+)?" }} />
      <Field label={t("Currency")} value={tariff.currency} onValue={(text) => onTariff({ ...tariff, currency: text.toUpperCase() })} input={{ pattern: "[A-Z]{3}", required: true, maxLength: 3 }} />
      <Field label={t("At least, minutes")} value={String(tariff.minimum_minutes)} onValue={(text) => onTariff({ ...tariff, minimum_minutes: whole(text) })} input={{ type: "number", min: 0 }} />
      <Field label={t("Then in steps of, minutes")} value={String(tariff.increment_minutes)} onValue={(text) => onTariff({ ...tariff, increment_minutes: whole(text) })} input={{ type: "number", min: 1, max: 1440 }} />
      <Field label={t("Tax, %")} value={tariff.tax_percent} onValue={(text) => onTariff({ ...tariff, tax_percent: text.replace(",", ".") })} input={{ inputMode: "decimal", pattern: "[0-9]{1,2}([.][0-9]{1,2})?" }} />
    </div>
  );
}

function minorDigits(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** A typed amount in minor units, without passing through a float; null while it is not an amount. */
function minorOf(text: string, digits: number): number | null {
  const match = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim());
  const whole = match?.[1];
  if (whole === undefined) return null;
  const fraction = match?.[2] ?? "";
  return fraction.length > digits ? null : Number(whole + fraction.padEnd(digits, "0"));
}

function Logo({ organisation, onChange }: { organisation: Organisation; onChange: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const upload = async () => {
    if (file === null) throw new Error(t("Choose a picture first."));
    await put("/organisation/logo", file);
    onChange();
  };
  const drop = useAction(async () => {
    await remove("/organisation/logo");
    onChange();
  });
  return (
    <article>
      <h2>{t("Logo")}</h2>
      {organisation.has_logo && <img class="logo" alt={t("The logo now")} src={`/api/v1/public/organisations/${organisation.id}/logo`} />}
      <ActionForm label={t("Upload")} action={upload} done={t("Saved.")} class="row">
        <label>
          {t("PNG, JPEG or WebP, at most 256 KiB")}
          <input type="file" accept="image/png,image/jpeg,image/webp" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />
        </label>
      </ActionForm>
      <ErrorLine error={drop.error} />
      {organisation.has_logo && <button type="button" class="secondary outline small" aria-busy={drop.busy} onClick={() => void drop.run()}>{t("Remove the logo")}</button>}
    </article>
  );
}
