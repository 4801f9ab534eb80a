"""A chime that calls the customer to the screen when somebody asks to come in.

Two notes, made here, played by what the system has; where it has nothing, its bell. No failure to sound stops anything.
"""

import math
import struct
import sys
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QProcess, QProcessEnvironment, QStandardPaths
from PySide6.QtWidgets import QApplication

RATE = 22_050
NOTES = ((659.3, 0.18), (880.0, 0.42))
"""Hertz and seconds: e″, a″."""
LOUDNESS = 0.35

_PLAYERS = (("paplay",), ("pw-play",), ("aplay", "-q"), ("afplay",))
"""Linux's sound servers, ALSA, macOS."""


def samples() -> bytes:
    """The chime: 16-bit mono at `RATE`; each note fades, so nothing clicks."""
    out = bytearray()
    for hertz, seconds in NOTES:
        count = int(RATE * seconds)
        for at in range(count):
            fade = min(1.0, at / 200) * (1 - at / count) ** 1.5
            out += struct.pack("<h", int(32_767 * LOUDNESS * fade * math.sin(2 * math.pi * hertz * at / RATE)))
    return bytes(out)


class Chime:
    """Plays when called."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._left: Iterator[tuple[str, ...]] = iter(())
        self._player = QProcess()
        self._player.setProcessEnvironment(_systems_environment())
        self._player.finished.connect(self._over)
        self._player.errorOccurred.connect(self._failed)

    def __call__(self) -> None:
        """Play it once, without waiting."""
        if self._player.state() != QProcess.ProcessState.NotRunning:
            return
        try:
            path = self._written()
        except OSError:
            QApplication.beep()
            return
        if sys.platform == "win32":
            import winsound

            winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT)
            return
        self._left = iter(_PLAYERS)
        self._next()

    def close(self) -> None:
        """Be silent, and take the file away again."""
        self._player.blockSignals(True)
        self._player.kill()
        self._player.waitForFinished(1000)
        if self._file:
            self._file.unlink(missing_ok=True)
            self._file = None

    def _next(self) -> None:
        """By the first player that is there and can: one without a server or a card fails at once."""
        for name, *options in self._left:
            if program := QStandardPaths.findExecutable(name):
                self._player.start(program, [*options, str(self._file)])
                return
        QApplication.beep()

    def _over(self, status: int, _how: QProcess.ExitStatus) -> None:
        if status:
            self._next()

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._next()

    def _written(self) -> Path:
        if self._file is None:
            with tempfile.NamedTemporaryFile(prefix="relevo-", suffix=".wav", delete=False) as target:
                self._file = Path(target.name)
                with wave.open(target, "wb") as sound:
                    sound.setnchannels(1)
                    sound.setsampwidth(2)
                    sound.setframerate(RATE)
                    sound.writeframes(samples())
        return self._file


def _systems_environment() -> QProcessEnvironment:
    """For the system's programs: they are not to load the libraries that PyInstaller put into ours."""
    environment = QProcessEnvironment.systemEnvironment()
    before = environment.value("LD_LIBRARY_PATH_ORIG")
    environment.remove("LD_LIBRARY_PATH")
    if before:
        environment.insert("LD_LIBRARY_PATH", before)
    return environment
