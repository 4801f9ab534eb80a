"""A provider's books with something in them, so that the pages of the records are pictured as they are used."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx2

from scripts.product import Broker, SignIn

POLICY = "easi"
"""Of the shipped ones the one with contracts, orders and tickets."""

PAGES = (
    *("queue", "tickets", "appointments", "orders", "customers"),
    *("work", "invoices", "letters", "opinions", "policy"),
)


def fill(broker: Broker, account: SignIn) -> dict[str, str]:
    """Write down two customers and what they had; the addresses of the records' pages by name."""
    with httpx2.Client(base_url=f"{broker.origin}/api/v1", timeout=30) as client:

        def send(method: str, path: str, **body: object) -> Any:
            answer = client.request(method, path, json=body)
            if answer.is_error:
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
            return answer.json()

        entry = {"email": account.email, "password": account.password, "want": "bearer"}
        client.headers["Authorization"] = f"Bearer {send('POST', '/sign-in', **entry)['token']}"
        send("PUT", "/policy", name=POLICY)
        bakery = send("POST", "/customers", name="Panadería Ñandú", email="hola@nandu.example")["id"]
        clinic = send("POST", "/customers", name="Clínica dental Òmnia, S. L.", email="admin@omnia.example")["id"]
        send("POST", f"/customers/{bakery}/contacts", name="Íñigo Núñez", phone="600 123 456")
        today = datetime.now(UTC).date()
        day = next(day for day in (today - timedelta(days=back) for back in range(2, 5)) if day.weekday() < 5)
        send("POST", "/contracts", customer_id=bakery, plan="poliza", size="hours5", start=f"{day:%Y-%m-01}", months=6)
        # In Mexico City's morning.
        for customer, hour, minutes in ((bakery, 16, 65), (bakery, 19, 20), (clinic, 18, 40)):
            begin = datetime.combine(day, time(hour), UTC)
            end = begin + timedelta(minutes=minutes)
            times = {"start": begin.isoformat(), "end": end.isoformat()}
            send("POST", "/time-entries", means="phone", customer_id=customer, **times)
        ticket = send(
            *("POST", "/tickets"), channel="web", customer_id=bakery, subject="La impresora de etiquetas no imprime",
            text="Desde esta mañana salen en blanco.", priority="high",
        )["id"]  # fmt: skip
        send("POST", "/tickets", channel="email", customer_id=clinic, subject="Copia de seguridad: aviso diario")
        order = send("POST", "/orders", customer_id=clinic, service="programming", net="300.00")
        organisation = send("GET", "/organisation")["id"]
        asked = send("POST", f"/public/organisations/{organisation}/tickets", subject="No abre", text="Desde ayer.")
        invitation = ""
        for days in range(1, 15):  # the first day on which there is support
            at = datetime.combine(datetime.now(UTC).date() + timedelta(days=days), time(16), UTC)
            agreed = client.post("/appointments", json={"at": at.isoformat(), "customer_id": bakery})
            if agreed.is_success:
                invitation = agreed.json()["invite_url"]
                break
    return {
        "dashboard": "/console/#/dashboard",
        **{page: f"/console/#/records/{page}" for page in PAGES},
        "ticket": f"/console/#/records/tickets/{ticket}",
        "order": f"/console/#/records/orders/{order['id']}",
        "public-request": f"/request/{organisation}",
        "public-ticket": f"/ticket#{asked['token']}",
        "public-order": order["url"].removeprefix(broker.origin),
        "public-appointment": invitation.removeprefix(broker.origin),
        "customer": f"/console/#/records/customers/{bakery}",
    }
