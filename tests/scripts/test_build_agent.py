"""What is made for each system, as far as Linux can tell.  `tests/e2e/test_program.py` proves the program itself."""

import ast
import re
from pathlib import Path

import pytest
from PIL import Image

import client_agent
from client_agent.self_check import PARTS, SYSTEMS, loaded
from scripts import build_agent, program_icon

PACKAGE = Path(client_agent.__file__).parent
ROOT = PACKAGE.parent
WORKFLOW = ROOT / ".github" / "workflows" / "agent.yml"


def test_the_self_check_loads_window_capture_and_input_of_this_system() -> None:
    assert {"client_agent.window.program", "client_agent.capture.x11", "client_agent.inject.x11"} <= set(loaded())


def test_every_system_has_its_backends_and_a_build() -> None:
    assert SYSTEMS.keys() == build_agent.TARGETS.keys()
    for names in (*SYSTEMS.values(), [part.removeprefix("client_agent.") for part in PARTS]):
        for name in names:
            ast.parse((PACKAGE / name.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("kind", "largest"), [(".ico", 256), (".icns", 512)])
def test_a_systems_icon_has_the_sizes_that_it_asks_for(tmp_path: Path, kind: str, largest: int) -> None:
    file = tmp_path / f"icon{kind}"
    program_icon.write(file)
    with Image.open(file) as icon:
        assert max(size[0] for size in icon.info["sizes"]) >= largest
        assert len(icon.convert("RGBA").getcolors(1 << 20) or ()) > 2


def test_a_build_file_that_is_none_builds_nothing(tmp_path: Path) -> None:
    wrong = tmp_path / "build.json"
    wrong.write_text('{"public_origin": "https://support.example"}')
    with pytest.raises(ValueError, match="is no build file"):
        build_agent.build(wrong, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_jobs_take_their_inputs_as_data() -> None:
    """An input in the text of a command could run anything."""
    for line in WORKFLOW.read_text(encoding="utf-8").splitlines():
        if "${{" in line:
            assert re.fullmatch(r"  (BROKER|ORGANISATION|NAME|LOG_KEY): \$\{\{ inputs\.\w+ \}\}", line), line
