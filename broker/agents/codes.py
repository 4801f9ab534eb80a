"""The server's half of the passwords: issued, counted, compared, killed.

Counterpart: `broker.pairing.service`, which spends tries.  Only HMACs of server parts are kept, in memory and under a
key of this process: a restart kills every code, so no try is ever given back.  One process now; several share an
implementation of `CodeBook` whose `spend` is one conditional decrement in a shared store.
"""

import hmac
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

from protocol import limits
from protocol.text import lv

REMEMBERED: Final = 600.0
"""Seconds for which a code that opens nothing any more is still told apart, after a right server part."""
GRACE: Final = limits.CODE_VALID - limits.CODE_SHOWN
"""Seconds for which a code stays good after a timed rotation (rule 4)."""
EARLY: Final = 5.0
"""Seconds by which an agent's clock may run ahead of ours in the ten minutes that it shows a code."""


class Verdict(Enum):
    """What a try came to.  All but `RIGHT`, `EXPIRED` and `DEAD` are the same to the one who tried (pairing step 7)."""

    UNKNOWN = auto()
    WRONG = auto()
    SPENT = auto()
    """Wrong, and the last try of a code."""
    EXPIRED = auto()
    """Right, but too late."""
    DEAD = auto()
    """Right, but burned, cancelled or used."""
    RIGHT = auto()


@dataclass(slots=True, eq=False)
class Code:
    """One issued code.  Times are monotonic seconds."""

    id: str
    """The nine digits that it goes with."""
    code_id: str
    org_id: str
    nonce_agent: str
    mac: bytes = field(repr=False)
    valid_until: float
    tries: int = limits.TRIES
    dead: bool = False
    guessed: bool = False
    """Whether a try of it had a wrong server part."""


@dataclass(frozen=True, slots=True)
class Guess:
    """The outcome of a try.  `code`: the one that a right server part selects.

    `spent`: the code on the customer's screen, when this was its last try, whatever the try came to.
    """

    verdict: Verdict
    code: Code | None = None
    spent: Code | None = None


class CodeBook(Protocol):
    """Where codes are kept."""

    async def issue(self, id: str, code_id: str, org_id: str, nonce_agent: str, server_part: str, now: float) -> Code:
        """Write down a code; an earlier one of the same ID stays as it is."""
        ...

    async def replace(self, id: str, now: float) -> None:
        """The agent shows another code from now on: one of that ID that was not shown its time dies (rule 4)."""
        ...

    async def spend(self, org_id: str, id: str, server_part: str, now: float) -> Guess:
        """Take one try from every code of that ID, then compare.  Another organisation spends nothing (rule 3)."""
        ...

    async def kill(self, id: str, code_id: str | None = None) -> None:
        """No code of that ID, or not that one, opens anything any more."""
        ...

    async def forget(self, id: str) -> None:
        """The ID is nobody's any more."""
        ...


class LocalCodes:
    """The codes of one broker process.  `key`: 32 random bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._by_id: dict[str, list[Code]] = {}

    async def issue(self, id: str, code_id: str, org_id: str, nonce_agent: str, server_part: str, now: float) -> Code:
        self._drop_old(now)
        code = Code(id, code_id, org_id, nonce_agent, self._mac(id, code_id, server_part), now + limits.CODE_VALID)
        self._by_id.setdefault(id, []).append(code)
        return code

    async def replace(self, id: str, now: float) -> None:
        for code in self._by_id.get(id, ()):
            if now < code.valid_until - GRACE - EARLY:
                code.dead = True

    async def spend(self, org_id: str, id: str, server_part: str, now: float) -> Guess:
        # Step 7: first the try, then the comparison, then policy.  So a right server part costs a try as well, and
        # gets none back if policy then denies; that its last one is gone is told to the agent all the same (`spent`).
        # No await between the decrement and the comparison: that is what makes it atomic in one process.
        tried = [code for code in self._by_id.get(id, ()) if code.org_id == org_id and code.tries > 0]
        if not tried:
            self._mac(id, "", server_part)
            return Guess(Verdict.UNKNOWN)
        for code in tried:
            code.tries -= 1
        # The newest is the one on the customer's screen.
        spent = next((code for code in reversed(tried) if not code.tries and not code.dead), None)
        right = [code for code in tried if hmac.compare_digest(code.mac, self._mac(id, code.code_id, server_part))]
        if not right:
            for code in tried:
                code.guessed = True
            return Guess(Verdict.SPENT if spent else Verdict.WRONG, spent=spent)
        code = right[-1]
        if code.dead:
            return Guess(Verdict.DEAD, code, spent)
        return Guess(Verdict.RIGHT if now < code.valid_until else Verdict.EXPIRED, code, spent)

    async def kill(self, id: str, code_id: str | None = None) -> None:
        for code in self._by_id.get(id, ()):
            if code_id in (None, code.code_id):
                code.dead = True

    async def forget(self, id: str) -> None:
        self._by_id.pop(id, None)

    def _drop_old(self, now: float) -> None:
        # Issued in order, so the oldest come first.
        for id in list(self._by_id):
            codes = self._by_id[id]
            if codes[-1].valid_until + REMEMBERED > now:
                break
            del self._by_id[id]

    def _mac(self, id: str, code_id: str, server_part: str) -> bytes:
        return hmac.digest(self._key, lv("relevo-code-1", id, code_id, server_part), "sha256")
