"""The codes of this run: made here, shown for ten minutes, alive a minute longer, killed together (steps 4–5, rule 4).

Counterpart: the broker's `agents/codes.py`, which knows the other three symbols.  Pure: clocks and randomness are
parameters.  The five symbols leave this module for the screen and for a pairing run only.
"""

from dataclasses import dataclass, field
from typing import Literal

from protocol import control, limits
from protocol.code import AGENT_SYMBOLS, SERVER_SYMBOLS, Randbelow, is_symbols, random_symbols

Death = Literal["wrong_tag", "pairing_interrupted", "cancelled", "used"]
RunEnd = Literal["used", "burnt", "untried"]
"""How a pairing run ended.  `untried`: nobody could try a password, so nothing is lost."""


@dataclass(slots=True)
class Code:
    """One code.  Times are monotonic seconds."""

    code_id: str
    nonce_agent: str
    agent_part: str = field(repr=False)
    id: str = ""
    """Empty until the broker has issued its part."""
    server_part: str = field(default="", repr=False)
    shown_until: float = 0.0
    valid_until: float = 0.0

    @property
    def password(self) -> str:
        """Eight symbols."""
        return self.server_part + self.agent_part


class CodeBook:
    """Codes that may still open something."""

    def __init__(self, randbelow: Randbelow) -> None:
        self._randbelow = randbelow
        self._codes: dict[str, Code] = {}
        self.current: Code | None = None
        """The one on show."""

    @property
    def waiting(self) -> bool:
        """Whether a code was asked for and not issued yet."""
        return any(not code.id for code in self._codes.values())

    def give_up(self) -> None:
        """What was asked for will not be issued."""
        self._codes = {name: code for name, code in self._codes.items() if code.id}

    def request(self, code_id: str, nonce_agent: str) -> control.CodeRequest:
        """Begin a code with fresh symbols; earlier requests without an answer are given up."""
        self.give_up()
        self._codes[code_id] = Code(code_id, nonce_agent, random_symbols(AGENT_SYMBOLS, self._randbelow))
        return control.CodeRequest(code_id=code_id, nonce_agent=nonce_agent)

    def issued(self, message: control.CodeIssued, now: float) -> Code | None:
        """The broker's part came: the code to show.  None for a code that was not asked for, or is badly made."""
        code = self._codes.get(message.code_id)
        if code is None or code.id or not is_symbols(message.server_part, SERVER_SYMBOLS):
            return None
        code.id, code.server_part = message.id, message.server_part
        code.shown_until = now + max(30.0, min(float(message.shown_s), limits.CODE_SHOWN))
        code.valid_until = now + limits.CODE_VALID
        self.current = code
        return code

    def alive(self, code_id: str, now: float) -> Code | None:
        """That code, if it still opens."""
        code = self._codes.get(code_id)
        return code if code is not None and code.id and now < code.valid_until else None

    def expire(self, now: float) -> None:
        """Forget what has run out."""
        self._codes = {n: c for n, c in self._codes.items() if not c.id or now < c.valid_until}

    def forget(self, code_id: str) -> bool:
        """That code opens nothing any more; whether it was one of ours."""
        if self.current is not None and self.current.code_id == code_id:
            self.current = None
        return self._codes.pop(code_id, None) is not None

    def kill(self, reason: Death, first: str | None = None) -> list[control.CodeDead]:
        """No code opens anything any more.  What to tell the broker: `reason` for `first`, else `cancelled`."""
        dead = [
            control.CodeDead(code_id=name, reason=reason if first in (None, name) else "cancelled")
            for name in self._codes
        ]
        self._codes.clear()
        self.current = None
        return dead
