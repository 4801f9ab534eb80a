"""Tells whoever holds something live that a sign-in or an account is over (pairing rule 7, last sentence)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import structlog

log = structlog.get_logger(__name__)

Reason = Literal["signed_out", "operator_disabled", "role_changed", "password_changed", "expired"]


@dataclass(frozen=True, slots=True)
class Revoked:
    """What is over: one sign-in, or with `sign_in_id` None everything of that operator."""

    operator_id: str
    sign_in_id: str | None
    reason: Reason

    def covers(self, operator_id: str, sign_in_id: str) -> bool:
        """Whether a socket of this operator and sign-in has to close."""
        return operator_id == self.operator_id and self.sign_in_id in (None, sign_in_id)


Callback = Callable[[Revoked], Awaitable[None]]


class Revocations:
    """Subscribers within this process; what another process ends is found by `watch.py`."""

    def __init__(self) -> None:
        self._callbacks: list[Callback] = []

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Call `callback` for everything that is revoked from now on; the result takes it off again."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    async def publish(self, revoked: Revoked) -> None:
        """Tell every subscriber; returns when each has acted.  One that fails keeps none of the others from acting."""
        for callback in list(self._callbacks):
            try:
                await callback(revoked)
            except Exception:
                log.exception("revocation_failed", operator_id=revoked.operator_id, reason=revoked.reason)
