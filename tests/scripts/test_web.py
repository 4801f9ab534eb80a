"""The web console's build is left alone while its sources are what they were."""

from pathlib import Path

import pytest

from scripts import web


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.ts").write_text("export {};")
    (tmp_path / "package.json").write_text("{}")
    return tmp_path


def test_a_changed_source_changes_the_fingerprint(sources: Path) -> None:
    before = web.fingerprint(sources)
    (sources / "src" / "main.ts").write_text("export { };")
    assert web.fingerprint(sources) != before


def test_what_is_built_or_fetched_does_not(sources: Path) -> None:
    before = web.fingerprint(sources)
    for folder in ("dist", "node_modules"):
        (sources / folder).mkdir()
        (sources / folder / "x.js").write_text("")
    assert web.fingerprint(sources) == before


def test_a_build_of_the_same_sources_is_kept(sources: Path) -> None:
    (sources / "dist").mkdir()
    (sources / "dist" / ".stamp").write_text(web.fingerprint(sources))
    web.build(sources)  # there is no lock file here: had it tried anything, it would have failed
