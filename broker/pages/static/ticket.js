// Shows the request of whoever holds the secret, and takes what they say.  The secret stands behind the # of the link: it
// goes into a header, never into an address.  Counterpart: broker/tickets/public.py, templates/ticket.html.
"use strict";

const secret = location.hash.slice(1);
const lang = document.documentElement.lang;
const written = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
const at = (id) => document.getElementById(id);

for (const link of document.querySelectorAll("header nav a")) link.hash = location.hash;
window.addEventListener("hashchange", () => location.reload());
on("say", async () => {
  await ask("POST", "/messages", JSON.stringify({ text: at("text").value }), "application/json");
  at("text").value = "";
});
on("show", async () => {
  const [file] = at("picture").files;
  await ask("POST", `/attachments?name=${encodeURIComponent(file.name.slice(0, 200))}`, file, file.type);
  at("picture").value = "";
});
on("solved", () => ask("POST", "/close"));
look();

// Whatever was sent, the whole request is read again.
function on(form, send) {
  at(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = at(form).querySelector("button");
    button.disabled = true;
    try {
      await send();
      tell("");
      await look();
    } catch (refused) {
      tell(refused.message);
    } finally {
      button.disabled = false;
    }
  });
}

async function look() {
  try {
    fill(await ask("GET", ""));
  } catch (refused) {
    only(refused.status === 410 || refused.status === 422 ? "unknown" : "failed");
  }
}

// What the service says; a refusal is thrown with its sentence and status.
async function ask(method, what, body, type) {
  const headers = { "Relevo-Token": secret, "Accept-Language": lang, ...(type ? { "Content-Type": type } : {}) };
  let answer, said;
  try {
    answer = await fetch(`/api/v1/public/ticket${what}`, { method, headers, body });
    said = await answer.json();
  } catch {
    throw new Error(at("failed").textContent.trim());
  }
  if (!answer.ok) throw Object.assign(new Error(said.message ?? at("failed").textContent.trim()), { status: answer.status });
  return said;
}

function fill(ticket) {
  for (const name of ["organisation", "number", "subject", "attachments"]) at(name).textContent = ticket[name];
  for (const one of document.querySelectorAll("[data-state]")) one.hidden = one.dataset.state !== ticket.state;
  at("reason").hidden = ticket.reason === null;
  at("reason").textContent = ticket.reason && [ticket.reason.text, ticket.reason.clause && `(${ticket.reason.clause})`].filter(Boolean).join(" ");
  const due = ticket.state === "waiting" || ticket.state === "taken" ? ticket.target_utc : null;
  const first = ticket.messages.every((one) => one.from_customer);
  at("due").hidden = due === null || !first;
  if (due !== null) at("until").textContent = written.format(new Date(due));
  const begin = ticket.text ? [{ from_customer: true, text: ticket.text, utc: ticket.opened_utc }] : [];
  at("said").replaceChildren(...[...begin, ...ticket.messages].map(message));
  at("more").hidden = ticket.state === "refused";
  at("solved").hidden = ticket.state === "closed";
  only("ticket");
}

function message({ from_customer, text, utc }) {
  const who = document.createElement("strong");
  who.textContent = at("said").dataset[from_customer ? "customer" : "support"];
  const words = document.createElement("p");
  words.className = "prose";
  words.textContent = text;
  const item = document.createElement("li");
  item.append(who, ` · ${written.format(new Date(utc))}`, words);
  return item;
}

function tell(problem) {
  at("problem").textContent = problem;
  at("problem").hidden = problem === "";
}

function only(shown) {
  for (const one of document.querySelectorAll("main > section")) one.hidden = one.id !== shown;
}
