"""The engine against an oracle that was written from the clauses alone: every number, every refusal."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from broker.policies import files
from broker.rating.case_json import read_case, write_bill
from broker.rating.engine import Engine
from broker.rating.errors import CaseRefused, NotServed
from tests.broker.rating import oracle

ANCHORS = [
    # Clocks change: Madrid, Los Angeles, Santiago; Mexico, when it still did.
    *("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2026-03-07", "2026-03-08", "2026-10-31", "2026-11-01"),
    *("2026-04-04", "2026-04-05", "2026-09-05", "2026-09-06", "2022-04-03", "2022-10-30"),
    # Holidays: observed ones, on a Saturday, in the middle of a week; years and weeks that end.
    *("2026-07-03", "2026-07-04", "2026-05-01", "2026-09-16", "2026-09-18", "2026-10-12", "2026-11-16", "2026-02-02"),
    *("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01", "2026-12-25", "2028-02-29", "2020-12-31"),
    # Plain days.
    *("2026-06-08", "2026-06-09", "2026-06-12", "2026-06-13", "2026-06-14", "2026-06-15"),
]
EDGES = [0, 60, 7 * 60, 8 * 60, 9 * 60, 15 * 60, 16 * 60, 17 * 60, 18 * 60, 18 * 60 + 30, 23 * 60, 24 * 60]
LENGTHS = [0, 1, 59, 60, 61, 599, 600, 1199, 1200, 1201, 1800, 1801, 3599, 3600, 3601, 5400, 5401, 7200, 14_400, 30_000]
PLANS = {"quasar": ["maintenance"], "informapuntcom": ["support"], "easi": ["poliza", "iguala"], "itplusnet": []} | {
    "remote-utilities": ["SITE", "PRO", "PLUS", "STARTER", "FREE", "TRIAL", "RESELLER"]
}
ENGINES = {name: Engine(files.load(name)) for name in PLANS}
seconds = st.sampled_from(LENGTHS) | st.integers(0, 40_000)


@st.composite
def written(draw: st.DrawFn, moment: datetime) -> str:
    """An instant in some offset, with a fraction that does not count."""
    offset = draw(st.sampled_from([0, 60, 120, -240, -300, -480, 345, -1439, 1439]))
    fraction = draw(st.sampled_from(["", "", "", ".5", ".999999", ".0"]))
    local = moment.astimezone(timezone(timedelta(minutes=offset)))
    sign, hours, minutes = "-" if offset < 0 else "+", *divmod(abs(offset), 60)
    zone = draw(st.sampled_from(["Z", "z", "+00:00", "-00:00"])) if offset == 0 else f"{sign}{hours:02}:{minutes:02}"
    return f"{local:%Y-%m-%dT%H:%M:%S}{fraction}{zone}"


@st.composite
def moments(draw: st.DrawFn, name: str) -> datetime:
    """Near a boundary of a day that is special somewhere; more often in served hours than not."""
    day = datetime.fromisoformat(draw(st.sampled_from(ANCHORS)))
    minute = draw(st.sampled_from(EDGES) | st.integers(9 * 60, 18 * 60))
    near = draw(st.sampled_from([0, 0, -1, 1, -60, 60, 1799]))
    local = (day + timedelta(minutes=minute, seconds=near)).replace(tzinfo=ZoneInfo(oracle.PROVIDERS[name].zone))
    moment = local.astimezone(UTC)
    if draw(st.integers(0, 5)):
        while oracle.weight_at(name, moment) is None:
            moment += timedelta(minutes=30)
    return moment


@st.composite
def works(draw: st.DrawFn, name: str, start: datetime) -> tuple[dict[str, Any], datetime]:
    length = draw(seconds)
    end = start + timedelta(seconds=length)
    work: dict[str, Any] = {
        "kind": draw(st.sampled_from(["session", "session", "phone", "email", "chat", "onsite"])),
        "start": draw(written(start)),
        "end": draw(written(end)),
    }
    inside = st.integers(0, length).map(lambda at: start + timedelta(seconds=at))
    pauses: list[list[datetime]] = [
        sorted(draw(st.tuples(inside, inside))) for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 3])))
    ]
    if len(pauses) > 1 and draw(st.booleans()):
        pauses[1] = [pauses[0][1], max(pauses[0][1], pauses[1][1])]
    if pauses:
        work["pauses"] = [[draw(written(begin)), draw(written(stop))] for begin, stop in pauses]
    for flag, likely in (
        ("urgent", False),
        ("accepted", False),
        ("warranty", False),
        ("covered", True),
        ("local", True),
    ):
        if draw(st.integers(0, 4)) == 0:
            work[flag] = not likely
    if name == "informapuntcom" and draw(st.booleans()):
        work |= {"urgent": True, "accepted": True}
    if name == "itplusnet" or draw(st.integers(0, 9)) == 0:
        work["service"] = draw(st.sampled_from(["reinstall"] * 4 + ["reinstall_at_home"] * 2 + ["unknown", None]))
    return work, end


@st.composite
def cases(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A case of up to four works and two events, mostly well formed."""
    moment = first = draw(moments(name))
    case: dict[str, Any] = {"work": []}
    for _ in range(draw(st.sampled_from((1, 1, 2, 3, 4, 5)))):
        work, end = draw(works(name, moment))
        case["work"].append(work)
        later = max(end, draw(moments(name)))
        moment = draw(st.sampled_from([end, later, later, end + timedelta(hours=1), end - timedelta(seconds=1)]))
    if draw(st.booleans()):
        case["work"] = draw(st.permutations(case["work"]))
    case["events"] = [
        {"kind": draw(st.sampled_from(["no_show", "late_cancel"])), "at": draw(written(draw(moments(name))))}
        for _ in range(draw(st.sampled_from((0, 0, 1, 2))))
    ]
    if PLANS[name] and draw(st.integers(0, 5)) > 0:
        start = first.date() - timedelta(days=draw(st.sampled_from([0, 1, -1, 400])))
        case["contract"] = {
            "plan": draw(st.sampled_from(PLANS[name])),
            "start": str(start),
            "end": str(start + timedelta(days=draw(st.sampled_from([0, 1, 400, 3000])))),
            "balance_minutes": draw(st.none() | st.sampled_from([0, 1, 29, 30, 31, 60, 300, 10_000])),
        }
    return case


def given_by_engine(name: str, case: Mapping[str, Any]) -> dict[str, Any]:
    """The engine's bill in the oracle's shape: the numbers without explanations and indices."""
    engine = ENGINES[name]
    bill: dict[str, Any] = write_bill(engine.rate(read_case(json.dumps(case))), engine.policy)
    for charge in bill["charges"]:
        for key in ("work", "event", "explanation"):
            del charge[key]
    return bill


def without_refused(case: Mapping[str, Any], refused: oracle.Refused) -> dict[str, Any]:
    gone = {(subject, index) for subject, index, _ in refused.reasons}
    kept = {
        key: [item for index, item in enumerate(case[key]) if (subject, index) not in gone]
        for subject, key in (("work", "work"), ("event", "events"))
    }
    return {**case, **kept}


def compare(name: str, case: dict[str, Any]) -> None:
    """Fails where the engine and the oracle differ; of a refused case, what is left without the refused is compared."""
    try:
        wanted = oracle.expected(name, case)
    except oracle.BadInput:
        with pytest.raises(CaseRefused):
            given_by_engine(name, case)
    except oracle.Refused as refused:
        with pytest.raises(NotServed) as caught:
            given_by_engine(name, case)
        said = caught.value
        clauses = {(subject, index): clauses for subject, index, clauses in refused.reasons}
        assert said.clause in clauses[said.subject, said.index]
        compare(name, without_refused(case, refused))
    else:
        assert given_by_engine(name, case) == wanted


@pytest.mark.parametrize("name", PLANS)
def test_the_engine_agrees_with_the_clauses(name: str) -> None:
    @settings(
        max_examples=25,
        derandomize=True,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(name))
    def agree(case: dict[str, Any]) -> None:
        note(json.dumps(case))
        compare(name, case)

    agree()
