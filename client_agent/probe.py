"""The agent's part in measuring its line (step 3): acknowledge what comes down, send random chunks up when asked.

Counterpart: `broker/bandwidth.py`, whose clock alone counts.  Pure but for the random bytes, which are a parameter.
"""

from collections.abc import Callable

from protocol import control, limits
from protocol.text import b64url


class Uploader:
    """Chunks going up, at most `window` ahead of the acknowledgements."""

    def __init__(self, asked: control.ProbeUpload, random: Callable[[int], bytes]) -> None:
        self._chunk, self._window, self._random = asked.chunk_bytes, asked.window, random
        self._left = min(asked.total_bytes, limits.PROBE_TOTAL)
        self._seq = 0
        self._acked = 0

    def begin(self) -> list[control.Probe]:
        """The first chunks."""
        return self._more()

    def acked(self, seq: int) -> list[control.Probe]:
        """Chunk `seq` has arrived: what goes next."""
        self._acked = max(self._acked, min(seq + 1, self._seq))
        return self._more()

    def _more(self) -> list[control.Probe]:
        out = []
        while self._left > 0 and self._seq - self._acked < self._window:
            size = min(self._chunk, self._left)
            out.append(control.Probe(seq=self._seq, data=b64url(self._random(size))))
            self._seq += 1
            self._left -= size
        return out
