// Shows the appointment of whoever holds the secret, and cancels it.  The secret stands behind the # of the link: it
// goes into a header, never into an address.  Counterpart: broker/appointments/endpoints.py, templates/appointment.html.
"use strict";

const secret = location.hash.slice(1);
const lang = document.documentElement.lang;
const written = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "short" });
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const link of document.querySelectorAll("header nav a")) link.hash = location.hash;
document.getElementById("cancel").addEventListener("click", () => show("POST", "/cancel"));
window.addEventListener("hashchange", () => location.reload());
show("GET", "");

async function show(method, what) {
  const button = document.getElementById("cancel");
  button.disabled = true;
  try {
    const answer = await fetch(`/api/v1/public/appointment${what}`, {
      method, headers: { "Relevo-Token": secret, "Accept-Language": lang },
    });
    const said = await answer.json();
    if (answer.ok) fill(said);
    else if (answer.status === 409) await show("GET", "");
    else only(answer.status === 410 || answer.status === 422 ? "unknown" : "failed");
  } catch {
    only("failed");
  } finally {
    button.disabled = false;
  }
}

function fill(said) {
  document.getElementById("organisation").textContent = said.organisation;
  document.getElementById("at").textContent = `${written.format(new Date(said.at))} (${zone})`;
  document.getElementById("minutes").textContent = said.minutes;
  const until = said.free_until === null ? null : new Date(said.free_until);
  document.getElementById("late").hidden = until === null || until > new Date();
  document.getElementById("free").hidden = until === null || until <= new Date();
  if (until !== null) document.getElementById("until").textContent = written.format(until);
  only("appointment");
  for (const one of document.querySelectorAll("[data-state]")) one.hidden = one.dataset.state !== said.state;
}

function only(shown) {
  for (const one of document.querySelectorAll("main > section")) one.hidden = one.id !== shown;
}
