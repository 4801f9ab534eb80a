"""Policy files: each mistake is refused by file, key and reason; a version is what a file says, not how it looks."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import relevo
from broker.policies import files
from broker.policies.errors import PolicyRefused

EASI, QUASAR = ((files.FOLDER / f"{name}.toml").read_text("utf-8") for name in ("easi", "quasar"))

MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "an unknown key": ('title = "QUASAR', 'colour = "red"\ntitle = "QUASAR', "colour", "not permitted"),
    "an unknown key of a part": ('name = "IVA"', 'name = "IVA"\nrate = 3', "tax.rate", "not permitted"),
    "a key that is missing": ('currency = "EUR"', "", "currency", "required"),
    "a word for a number": ("percent = 21", 'percent = "some"', "tax.percent", "must be a number"),
    "a number below zero": ("percent = 21", "percent = -21", "tax.percent", "not below zero"),
    "a price below zero": ('hourly = "45.00"', 'hourly = "-45.00"', "tariffs.0.hourly", "not below zero"),
    "a price as no number": ('hourly = "45.00"', "hourly = nan", "tariffs.0.hourly", "must be an amount"),
    "minutes below zero": ("minimum_minutes = 60", "minimum_minutes = -60", "tariffs.0.minimum_minutes", "greater"),
    "an increment of zero": (
        "increment_minutes = 30",
        "increment_minutes = 0",
        "tariffs.0.increment_minutes",
        "greater",
    ),
    "minutes with a fraction": ("increment_minutes = 30", "increment_minutes = 0.5", "increment_minutes", "integer"),
    "minutes as text": ("increment_minutes = 30", 'increment_minutes = "30"', "increment_minutes", "integer"),
    "an unknown zone": ('"Europe/Madrid"', '"Europe/Sevilla"', "time_zone", "Europe/Sevilla is no time zone"),
    "a path for a zone": ('"Europe/Madrid"', '"../../etc/passwd"', "time_zone", "is no time zone"),
    "an unknown currency": ('currency = "EUR"', 'currency = "XQX"', "currency", "XQX is no ISO 4217 currency"),
    "a clause misspelt": ('clause = "Q2"', 'clause = "Q-2"', "clause", "pattern"),
    "a time of day that is none": ('closes = "24:00"', 'closes = "24:01"', "hours.windows.0.closes", "time of day"),
    "a window that ends before it begins": (
        'opens = "00:00"',
        'opens = "24:00"',
        "hours.windows.0",
        "later than opens",
    ),
    "days in no order": ('days = "mon-sun"', 'days = "sun-mon"', "hours.windows.0.days", "mon-fri"),
    "a weight of zero": ('opens = "00:00"', 'opens = "00:00"\nweight = 0', "hours.windows.0.weight", "above zero"),
    "an answer that there is not": ('answer = "tariff"', 'answer = "maybe"', "contractless.answer", "'tariff'"),
    "a plan's name with a space": ("[plans.maintenance]", '[plans."main tenance"]', "plans", "pattern"),
    "no tariff where one is needed": ("[[tariffs]]", "[refunds]", "refunds", "required"),
    "an order without orders": ('answer = "tariff"', 'answer = "order"', "-", "there are no orders"),
}
OF_EASI: dict[str, tuple[str, str, str, str]] = {
    "windows that overlap": ('opens = "18:00"', 'opens = "17:59"', "hours", "two windows of mon overlap at 17:59"),
    "an unknown country": ('country = "MX"', 'country = "XX"', "hours.holidays", "no holidays are known for XX"),
    "a country in small letters": ('country = "MX"', 'country = "mx"', "hours.holidays.country", "pattern"),
    "a day both added and dropped": (
        'country = "MX"',
        'country = "MX", add = [2026-01-02], drop = [2026-01-02]',
        "hours.holidays",
        "2026-01-02 is both added and dropped",
    ),
    "a day that is none": ('country = "MX"', 'country = "MX", add = ["soon"]', "hours.holidays.add.0", "date"),
    "rent of a plan that there is not": ('plans = ["iguala"]', 'plans = ["gold"]', "-", "there is no plan gold"),
    "a factor of nothing by nothing": ('"4/3"', '"4/0"', "on_site.factor_of_plan", "must be a number"),
}


def changed(text: str, before: str, after: str) -> str:
    assert before in text
    return text.replace(before, after, 1)


def refused(text: str) -> PolicyRefused:
    with pytest.raises(PolicyRefused) as caught:
        files.parse(text, "own.toml")
    return caught.value


@pytest.mark.parametrize(("before", "after", "key", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_by_file_key_and_reason(before: str, after: str, key: str, reason: str) -> None:
    sentence = str(refused(changed(QUASAR, before, after)))
    assert sentence.startswith("own.toml: ")
    assert key in sentence.removeprefix("own.toml: ")
    assert reason in sentence


@pytest.mark.parametrize(("before", "after", "key", "reason"), OF_EASI.values(), ids=OF_EASI)
def test_a_mistake_in_hours_or_plans_is_told(before: str, after: str, key: str, reason: str) -> None:
    sentence = str(refused(changed(EASI, before, after)))
    assert sentence.startswith(f"own.toml: {key}")
    assert reason in sentence


@pytest.mark.parametrize(
    "sinces", [["2026-03-01", "2026-01-01"], ["2026-03-01", "2026-03-01"]], ids=["backwards", "twice a day"]
)
def test_tariffs_out_of_order_are_refused(sinces: list[str]) -> None:
    more = "".join(f'\n[[tariffs]]\nsince = {since}\nhourly = "50.00"\n' for since in sinces)
    assert "each begins later than the one before" in str(refused(QUASAR + more))


def test_a_first_tariff_that_begins_some_day_is_refused() -> None:
    text = changed(QUASAR, 'hourly = "45.00"', 'since = 2026-01-01\nhourly = "45.00"')
    assert "the first has no “since”" in str(refused(text))


@pytest.mark.parametrize("text", ["", "name =", "[a]\n[a]\n", 'name = "x"\nname = "y"\n', "\x00", "[" * 5000])
def test_what_is_no_policy_at_all_is_refused(text: str) -> None:
    assert str(refused(text)).startswith("own.toml: ")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    latin, large = tmp_path / "latin.toml", tmp_path / "large.toml"
    latin.write_bytes("name = 'niño'".encode("latin-1"))
    large.write_text("#" * (files.MAX_BYTES + 1))
    for file, reason in ((latin, "UTF-8"), (large, "larger"), (tmp_path, "directory"), (tmp_path / "none", "No such")):
        with pytest.raises(PolicyRefused, match=reason) as caught:
            files.load(str(file))
        assert str(file) in str(caught.value)


@pytest.mark.parametrize("name", files.shipped())
def test_a_version_does_not_change_with_comments_layout_or_the_order_of_keys(name: str) -> None:
    text = (files.FOLDER / f"{name}.toml").read_text("utf-8")
    bare = "\n".join(line.partition("  #")[0] for line in text.splitlines() if not line.startswith("#"))
    head, *parts = re.split(r"(?m)^(?=\[)", bare)
    tables = [part for part in parts if not part.startswith("[[")]
    arrays = [part for part in parts if part.startswith("[[")]
    mixed = "\n".join(["# Mixed.", *reversed(head.strip().splitlines()), *reversed(tables), *arrays])
    assert mixed != text
    assert files.version(files.parse(mixed, "mixed.toml")) == files.version(files.load(name))


@pytest.mark.clause("I15")
@pytest.mark.parametrize("name", files.shipped())
def test_a_version_is_kept_whole_and_read_back(name: str) -> None:
    policy = files.load(name)
    kept = files.canonical(policy)
    assert files.from_json(kept, name) == policy
    assert files.canonical(files.from_json(kept, name)) == kept
    assert json.loads(kept)["name"] == name == policy.name
    assert re.fullmatch("[0-9a-f]{64}", files.version(policy))


@pytest.mark.clause("I15")
def test_another_price_is_another_version() -> None:
    dearer = files.parse(changed(QUASAR, '"45.00"', '"45.01"'), "quasar.toml")
    assert files.version(dearer) != files.version(files.load("quasar"))


def test_policy_check_passes_what_is_shipped_and_tells_the_mistake_of_each_file(tmp_path: Path) -> None:
    broken, unknown = tmp_path / "broken.toml", tmp_path / "unknown.toml"
    broken.write_text("name =")
    unknown.write_text(changed(QUASAR, 'title = "QUASAR', 'colour = "red"\ntitle = "QUASAR'))
    command = relevo.build("policy")
    good = CliRunner().invoke(command, ["policy", "check", *files.shipped()])
    assert (good.exit_code, good.stderr) == (0, "")
    assert all(name in good.stdout for name in files.shipped())
    bad = CliRunner().invoke(command, ["policy", "check", str(broken), "easi", str(unknown)])
    assert bad.exit_code == 2
    assert "easi" in bad.stdout
    first, second = bad.stderr.splitlines()
    assert "broken.toml" in first
    assert "unknown.toml: colour: " in second


def test_policy_list_names_the_five() -> None:
    listed = CliRunner().invoke(relevo.build("policy"), ["policy", "list"])
    assert listed.stdout.split() == ["easi", "informapuntcom", "itplusnet", "quasar", "remote-utilities"]
