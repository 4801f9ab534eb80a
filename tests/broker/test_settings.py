"""What a provider may set, where it comes from, and what keeps the broker from starting."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import SettingsRefused
from broker.settings import Settings, checked_origin, load


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_options_go_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "broker.toml"
    file.write_text(
        'bind = "0.0.0.0"\nport = 1111\npublic_origin = "https://file.example"\ntrusted_proxies = ["10.0.0.0/8"]\n'
    )
    monkeypatch.setenv("RELEVO_PORT", "2222")
    monkeypatch.setenv("RELEVO_PUBLIC_ORIGIN", "https://environment.example")
    found = load(file, public_origin="https://option.example", bind=None)
    assert (found.bind, found.port, found.public_origin) == ("0.0.0.0", 2222, "https://option.example")
    assert found.trusted_proxies == ("10.0.0.0/8",)


def test_settings_cannot_be_changed_once_they_are_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().port = 1


@pytest.mark.parametrize("name", ["http://support.example", "http://10.0.0.1", "http://localhost.example:8000"])
def test_plain_http_is_refused_off_loopback(name: str) -> None:
    """Pairing rule 7."""
    with pytest.raises(SettingsRefused, match="https"):
        load(public_origin=name)


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", "https://a.example"]
)
def test_loopback_may_do_without_tls(name: str) -> None:
    assert load(public_origin=name).public_origin == name


@pytest.mark.parametrize(
    "name",
    [
        "", "support.example", "ftp://a.example", "https://", "https://a.example/path", "https://a.example?x",
        "https://u:p@a.example", "https://a:x", "https://[::1",
    ],
)  # fmt: skip
def test_an_origin_is_scheme_host_and_port_alone(name: str) -> None:
    with pytest.raises(SettingsRefused):
        load(public_origin=name)


def test_an_origin_is_written_as_browsers_write_it() -> None:
    assert checked_origin("https://Support.Example:443/") == "https://support.example"
    assert checked_origin("http://localhost:80") == "http://localhost"


@given(st.text(max_size=80))
def test_any_text_is_an_origin_or_a_value_error(text: str) -> None:
    try:
        origin = checked_origin(text)
    except ValueError:
        return
    parts = urlsplit(origin)
    assert checked_origin(origin) == origin
    assert (parts.path, parts.query, parts.fragment, parts.username) == ("", "", "", None)


@pytest.mark.parametrize(
    "text",
    [
        "port = 'x'", "port = 0", "port = 70000", "unknown = 1", "trusted_proxies = ['somewhere']",
        "log_level = 'loud'", "= nothing", "tls_key = 'k.pem'",
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broker.toml"
    file.write_text(text)
    with pytest.raises(SettingsRefused):
        load(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match="no file"):
        load(tmp_path / "none.toml")


def test_secrets_are_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVO_METRICS_TOKEN", "canary-metrics-token")
    monkeypatch.setenv("RELEVO_RELAY_CREDENTIAL", "canary-relay")
    monkeypatch.setenv("RELEVO_RELAY_URL", "wss://relay.example/relay")
    monkeypatch.setenv("RELEVO_DATABASE_URL", "postgresql+asyncpg://relevo:canary-db@db.example/relevo")
    found = load()
    assert "canary" not in repr(found) + str(found) + found.model_dump_json()
    assert "canary-db" in found.store_url
    monkeypatch.setenv("RELEVO_PORT", "canary-port")
    with pytest.raises(SettingsRefused) as refused:
        load()
    assert "canary" not in str(refused.value)


def test_every_setting_is_in_its_document() -> None:
    document = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    assert [name for name in Settings.model_fields if f"`{name}`" not in document] == []
