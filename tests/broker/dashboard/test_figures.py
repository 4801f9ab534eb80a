"""The dashboard's figures, on a real database: each is computed here once more from the lists that stand behind it."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broker.permissions import Role
from tests.broker.dashboard.conftest import House, instant

MADRID = ZoneInfo("Europe/Madrid")
PERIOD = {"from_": "2026-11-02", "to": "2026-11-15"}


async def a_fortnight(house: House) -> tuple[str, str]:
    """Two customers at Quasar, helped by two technicians on three days; the customers' ids."""
    await house.adopt("quasar")
    bakery, garage = await house.customer("Panadería Ñandú"), await house.customer("Talleres Núñez")
    house.at(2026, 11, 9, 9, 0)
    await house.session(65, house.ana, bakery)
    await house.session(20, house.luis, garage, service="Redes")
    house.at(2026, 11, 10, 22, 50)  # 23:50 in Madrid: the day is the provider's
    await house.session(15, house.luis, bakery)
    house.at(2026, 11, 12, 9, 0)
    await house.refused()
    await house.session(30, house.ana)
    await house.telephone(garage, 45, instant(2026, 11, 12, 9, 0))
    return bakery, garage


async def sessions(house: House, **asked: str) -> list[dict[str, Any]]:
    """What the list of sessions shows for the same question."""
    words = "&".join(f"{name.rstrip('_')}={value}" for name, value in asked.items())
    return list((await house.get(f"/sessions?limit=200&{words}"))["items"])


async def work(house: House, **asked: str) -> list[dict[str, Any]]:
    """What the list of work shows."""
    words = "&".join(f"{name}={value}" for name, value in asked.items() if value)
    return list((await house.get(f"/time-entries?{words}"))["items"])


def nets(rows: list[dict[str, Any]]) -> dict[str, Decimal]:
    """Currency → sum."""
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["currency"]] += Decimal(row["net"])  # type: ignore[assignment]
    return dict(totals)  # type: ignore[arg-type]


async def test_sessions_and_hours_are_those_of_the_list_day_by_day_without_gaps(house: House) -> None:
    await a_fortnight(house)
    seen = await house.seen(**PERIOD)
    assert [day["day"] for day in seen["days"]] == [str(date(2026, 11, 2) + timedelta(days=n)) for n in range(14)]
    for day in seen["days"]:
        listed = await sessions(house, from_=day["from_utc"], to=day["to_utc"])
        connected = [one for one in listed if one["joined_utc"]]
        assert day["sessions"] == len(connected)
        assert day["unconnected"] == len(listed) - len(connected)
        assert day["connected_s"] == sum(one["connected_s"] for one in listed)
    by_day = {day["day"]: (day["sessions"], day["unconnected"], day["connected_s"]) for day in seen["days"]}
    assert by_day["2026-11-09"] == (2, 0, 85 * 60)
    assert by_day["2026-11-10"] == (1, 0, 15 * 60)
    assert by_day["2026-11-12"] == (1, 1, 30 * 60)
    assert sum(sum(counts) for counts in by_day.values()) == 4 + 1 + 130 * 60
    assert seen["total"] == {"sessions": 4, "unconnected": 1, "connected_s": 130 * 60}


async def test_by_operator_customer_and_service_add_up_and_lead_to_their_sessions(house: House) -> None:
    bakery, garage = await a_fortnight(house)
    seen = await house.seen(**PERIOD)
    span = {"from_": seen["from_utc"], "to": seen["to_utc"], "connected": "true"}
    for part, filter_, key in (
        ("operators", "operator", "operator_id"), ("customers", "customer_id", "customer_id"),
        ("services", "service", "service"),
    ):  # fmt: skip
        assert sum(one["connected_s"] for one in seen[part]) == seen["total"]["connected_s"]
        assert sum(one["sessions"] for one in seen[part]) == seen["total"]["sessions"]
        for one in seen[part]:
            listed = await sessions(house, **span, **{filter_: one[key] or "-"})
            assert (len(listed), sum(row["connected_s"] for row in listed)) == (one["sessions"], one["connected_s"])
    assert [(one["name"], one["sessions"]) for one in seen["operators"]] == [("Ana", 2), ("Luis", 2)]
    assert [(one["customer_id"], one["connected_s"] // 60) for one in seen["customers"]] == [
        (bakery, 80), (None, 30), (garage, 20)
    ]  # fmt: skip

    few = await house.seen(**PERIOD, top="1")
    assert [one["name"] for one in few["customers"]] == ["Panadería Ñandú"]
    assert few["rest"] == {"customers": 2, "sessions": 2, "unconnected": 1, "connected_s": 50 * 60}
    assert seen["rest"] is None


async def test_filters_narrow_every_figure(house: House) -> None:
    bakery, garage = await a_fortnight(house)
    for asked, minutes in (
        ({"operator": house.luis.id}, 35), ({"customer": bakery}, 80), ({"service": "Redes"}, 20),
        ({"kind": "session"}, 130), ({"kind": "phone"}, 0), ({"operator": house.ana.id, "customer": garage}, 0),
    ):  # fmt: skip
        seen = await house.seen(**PERIOD, **asked)
        assert seen["total"]["connected_s"] == minutes * 60, asked
        listed = await work(house, since=seen["from_utc"], until=seen["to_utc"], state="charged", **asked)
        assert {one["currency"]: Decimal(one["net"]) for one in seen["revenue_totals"]} == nets(listed), asked
        assert sum(one["works"] for one in seen["revenue_totals"]) == len(listed), asked


async def test_revenue_is_the_sum_of_the_charges_to_the_cent(house: House) -> None:
    await house.adopt("easi")
    house.at(2026, 11, 2, 16, 0)
    covered, counted, nobody = [await house.customer(name) for name in ("Cubierta", "Con póliza", "Sin contrato")]
    await house.contract(covered, "iguala", months=12, minutes=600)
    await house.contract(counted, "poliza", end=date(2027, 4, 30), minutes=60)
    for minutes, customer in ((33, covered), (47, counted), (39, counted), (52, nobody), (7, nobody)):
        await house.session(minutes, customer=customer)
    await house.telephone(nobody, 25, instant(2026, 11, 3, 16, 0))
    house.at(2026, 11, 16, 16, 0)
    seen = await house.seen(**PERIOD)
    charged = await work(house, since=seen["from_utc"], until=seen["to_utc"], state="charged")
    assert {one["currency"]: Decimal(one["net"]) for one in seen["revenue_totals"]} == nets(charged)
    assert sum(Decimal(one["net"]) for one in seen["revenue"]) == sum(nets(charged).values()) > 0
    assert sum(one["charged_minutes"] for one in seen["revenue"]) == sum(row["charged_minutes"] for row in charged)
    assert {(one["basis"], one["plan"]) for one in seen["revenue"]} >= {("plan", "poliza"), ("tariff", None)}
    for one in seen["revenue"]:
        asked = {"basis": one["basis"], "plan": one["plan"] or "", "ordered": one["ordered"] or ""}
        behind = await work(house, since=seen["from_utc"], until=seen["to_utc"], state="charged", **asked)
        assert len(behind) == one["works"]
        assert nets(behind) == {one["currency"]: Decimal(one["net"])}
        assert one["title"] is None or one["title"]["es"]


async def test_balances_are_the_contracts_and_say_when_they_end(house: House) -> None:
    await house.adopt("easi")
    house.at(2026, 10, 12, 16, 0)
    heavy, light, gone = [await house.customer(name) for name in ("Mucho", "Poco", "Nada")]
    first = {"start": date(2026, 10, 12)}
    ids = {
        "Mucho": await house.contract(heavy, "poliza", end=date(2027, 4, 11), minutes=300, **first),
        "Poco": await house.contract(light, "iguala", months=12, minutes=120, **first),
        "Nada": await house.contract(gone, "poliza", end=date(2026, 11, 30), minutes=60, **first),
    }
    for week in range(3):
        house.at(2026, 10, 13 + 7 * week, 16, 0)
        await house.session(50, customer=heavy)
        await house.session(10, customer=light)
    house.at(2026, 11, 2, 16, 0)
    seen = {one["customer"]: one for one in (await house.seen())["balances"]}
    for name, contract in ids.items():
        left = (await house.get(f"/contracts/{contract}"))["balance_minutes"]
        assert seen[name]["left_minutes"] == left, name
        ledger = (await house.get(f"/contracts/{contract}/ledger"))["entries"]
        assert seen[name]["used_minutes"] == -sum(one["minutes"] for one in ledger if one["reason"] == "use")
        assert seen[name]["days"] == 22
    used, left = seen["Mucho"]["used_minutes"], seen["Mucho"]["left_minutes"]
    days = -(-left * 22 // used)
    assert (seen["Mucho"]["what"], seen["Mucho"]["on"]) == ("runs_out", str(date(2026, 11, 2) + timedelta(days=days)))
    assert seen["Mucho"]["week_minutes"] == f"{used * 7 / 22:.1f}"
    assert (seen["Nada"]["what"], seen["Nada"]["on"], seen["Nada"]["lapsing_minutes"]) == ("lapses", "2026-11-30", 60)
    assert (seen["Poco"]["monthly"], seen["Poco"]["what"], seen["Poco"]["on"]) == (True, "lapses", "2026-11-11")


async def test_first_answers_are_within_the_target_missed_or_still_waited_for(house: House) -> None:
    await house.adopt("remote-utilities")
    house.at(2026, 11, 9, 15, 0)
    who = await house.customer("Acme", email="it@acme.example")
    await house.contract(who, "PRO", months=12)
    made = []
    for n in range(4):
        body = {"subject": f"Asunto {n}", "text": "Ayuda", "channel": "ticket", "customer_id": who}
        made.append((await house.send("POST", "/tickets", body, 201))["id"])
    assert (await house.get(f"/tickets/{made[0]}"))["target_utc"]
    await house.send("POST", f"/tickets/{made[0]}/messages", {"text": "Hecho"}, 201)
    house.at(2026, 11, 25, 15, 0)
    await house.send("POST", f"/tickets/{made[1]}/messages", {"text": "Tarde"}, 201)
    made.append((await house.send("POST", "/tickets", {**body, "subject": "Nuevo"}, 201))["id"])
    seen = await house.seen(from_="2026-11-01", to="2026-11-30")
    assert seen["answers"] == {"within": 1, "missed": 3, "waiting": 1, "none": 0}
    for word, count in seen["answers"].items():
        span = f"from={seen['from_utc']}&to={seen['to_utc']}"
        assert len((await house.get(f"/tickets?target={word}&{span}"))["items"]) == count


async def test_a_session_that_goes_on_counts_up_to_its_last_sign_of_life(house: House) -> None:
    session = await house.joined()
    house.clock.advance(95)
    await house.world.sessions.heartbeat([session])
    house.clock.advance(300)
    seen = await house.seen()
    assert seen["time_zone"] == "UTC"
    assert seen["total"] == {"sessions": 1, "unconnected": 0, "connected_s": 95}
    assert [one["connected_s"] for one in (*seen["operators"], *seen["customers"], *seen["services"])] == [95] * 3


async def test_nothing_of_another_organisation_is_counted(house: House) -> None:
    await a_fortnight(house)
    other = await house.services.organisations.add("Otra casa")
    async with house.office.client(await house.office.hire(Role.ADMIN, other)) as stranger:
        seen = (await stranger.get("/api/v1/dashboard?from=2026-11-02&to=2026-11-15")).json()
        assert seen["total"] == {"sessions": 0, "unconnected": 0, "connected_s": 0}
        assert seen["revenue"] == seen["operators"] == seen["customers"] == seen["balances"] == []
        for name, one in (("customer", seen), ("operator", house.ana.id)):
            asked = {name: one} if isinstance(one, str) else {}
            assert (await stranger.get("/api/v1/dashboard", params=asked)).json()["total"]["sessions"] == 0
    before = await house.seen(**PERIOD)
    await house.session(40, org=other.id)
    assert await house.seen(**PERIOD) == before


async def test_the_export_has_the_figures_that_are_seen(house: House) -> None:
    await a_fortnight(house)
    seen = await house.seen(**PERIOD, top="1")
    answer = await house.ask("GET", "/dashboard/export?from=2026-11-02&to=2026-11-15&top=1&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    exported = (await house.get("/dashboard/export?from=2026-11-02&to=2026-11-15&top=1&format=json"))["items"]
    assert [line["figure"] for line in lines] == [one["figure"] for one in exported]
    for part in ("day", "operator", "customer", "service"):
        own = [line for line in lines if line["figure"] == part]
        assert sum(int(line["connected_s"]) for line in own) == seen["total"]["connected_s"]
        assert sum(int(line["sessions"]) for line in own) == seen["total"]["sessions"]
    money = sum(Decimal(line["net"]) for line in lines if line["figure"] == "revenue")
    assert money == Decimal(seen["revenue_totals"][0]["net"])


@pytest.mark.parametrize(
    "asked",
    [
        {"from_": "2026-11-31"}, {"from_": "yesterday"}, {"from_": "1700000000"}, {"from_": "1999-12-31"},
        {"from_": "2026-11-02", "to": "2026-11-01"}, {"from_": "2025-01-01", "to": "2026-11-01"},
        {"to": "9999-12-31"}, {"operator": "x"}, {"customer": "-"}, {"kind": "dance"}, {"top": "0"},
        {"service": "a%0Ab"},
    ],
)  # fmt: skip
async def test_a_bad_filter_is_told(house: House, asked: dict[str, str]) -> None:
    answer = await house.asked(**asked)
    assert answer.status_code == 422
    assert answer.json()["message"]


async def test_the_usual_period_is_thirty_days_until_today(house: House) -> None:
    house.at(2026, 11, 10, 23, 30)
    await house.adopt("quasar")
    seen = await house.seen()
    assert (seen["first"], seen["last"], len(seen["days"])) == ("2026-10-13", "2026-11-11", 30)
    assert seen["from_utc"] == "2026-10-12T22:00:00.000000Z", "midnight in Madrid, an hour earlier in summer"
    assert (await house.seen(to="2026-11-01"))["first"] == "2026-10-03"
    assert (await house.seen(from_="2027-01-01"))["last"] == "2027-01-01"
