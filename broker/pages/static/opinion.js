// Sends the rating of whoever holds the secret.  The secret stands behind the # of the link: it goes into a header,
// never into an address.  Counterpart: broker/opinions/endpoints.py, templates/opinion.html.
"use strict";

const secret = location.hash.slice(1);
const lang = document.documentElement.lang;
const form = document.getElementById("opinion");

for (const link of document.querySelectorAll("header nav a")) link.hash = location.hash;
window.addEventListener("hashchange", () => location.reload());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
if (/^[\w-]{43}$/.test(secret)) form.hidden = false;
else say("spent");

async function send() {
  const button = document.getElementById("send");
  button.disabled = true;
  try {
    const answer = await fetch("/api/v1/public/opinion", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Relevo-Token": secret, "Accept-Language": lang },
      body: JSON.stringify({
        stars: Number(new FormData(form).get("stars")), comment: document.getElementById("comment").value,
      }),
    });
    form.hidden = answer.ok || answer.status === 410;
    say(answer.ok ? "thanks" : answer.status === 410 ? "spent" : answer.status === 422 ? "unreadable" : "failed");
  } catch {
    say("failed");
  } finally {
    button.disabled = false;
  }
}

function say(what) {
  for (const one of document.querySelectorAll("main .notice[id]")) one.hidden = one.id !== what;
}
