"""The chime reaches a player that can: one without a sound server or a card gives way to the next."""

import wave
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from client_agent.window.sound import NOTES, Chime
from tests.support.patience import at_last


def player(folder: Path, name: str, does: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{does}\n")
    file.chmod(0o755)


def test_a_player_that_cannot_gives_way_to_the_next(
    app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = tmp_path / "heard.wav"
    player(tmp_path, "paplay", "echo Connection refused >&2; exit 1")
    player(tmp_path, "pw-play", f'[ -z "$LD_LIBRARY_PATH" ] && cp "$1" {heard}.part && mv {heard}.part {heard}')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/the/one/file/programs/own")
    chime = Chime()
    chime()
    at_last(lambda: app.processEvents() or heard.exists())
    with wave.open(str(heard)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(
            sum(seconds for _, seconds in NOTES), abs=0.01
        )
    chime.close()
