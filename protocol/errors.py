"""The protocol's errors, one tree. `str()` of each is a sentence for a log; people read a translation of their own.

    ProtocolError
    ├── Malformed            theirs: bytes that are not a message
    │   ├── TooLarge         theirs: over a limit of `limits`
    │   └── InvalidCode      a person's: text that is no ID or password
    ├── BadTransition        ours: a machine was asked for a step that its table lacks
    ├── PairingFailed        the run gives no key (wrong tag, identity element, reflected share, changed offer)
    ├── IntegrityError       the sealed channel is broken: the session ends
    ├── TicketRefused        a relay ticket that is forged, spent, expired or meant for another
    └── SignatureRefused     a signature that does not hold

Each class owns the WebSocket close code that a server answers it with.
"""


class ProtocolError(Exception):
    """Anything that breaks the agreement between two parts."""

    close_code = 4400


class Malformed(ProtocolError):
    """Bytes that are not a message: what was read, and why it is refused."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} was refused: {reason}")
        self.what, self.reason = what, reason


class TooLarge(Malformed):
    """Something over its limit.  `size` and `limit` are in bytes."""

    close_code = 4413

    def __init__(self, what: str, size: int, limit: int) -> None:
        super().__init__(what, f"{size} bytes are more than the {limit} allowed")
        self.size, self.limit = size, limit


class InvalidCode(Malformed):
    """Text that cannot be an ID or a password.  `symbol` is the first that never is part of one; None when the length
    is wrong."""

    def __init__(self, what: str, count: int, symbol: str | None = None) -> None:
        super().__init__(what, "it has a symbol that is never used" if symbol else f"it must have {count} symbols")
        self.count, self.symbol = count, symbol


class BadTransition(ProtocolError):
    """A state machine was given an event that its table does not have for its state."""

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine} cannot take {event} while {state}")
        self.machine, self.state, self.event = machine, state, event


class PairingFailed(ProtocolError):
    """A pairing run that must not give a key.  `reason` is a stable word, such as `wrong_tag`."""

    close_code = 4403

    def __init__(self, reason: str) -> None:
        super().__init__(f"The pairing was stopped: {reason}")
        self.reason = reason


class IntegrityError(ProtocolError):
    """A record that was changed, repeated, lost or made with another key.  The session ends."""

    close_code = 4403


class TicketRefused(ProtocolError):
    """A relay ticket that does not open this relay now.  `reason` is a stable word, such as `expired`."""

    close_code = 4403

    def __init__(self, reason: str) -> None:
        super().__init__(f"The relay ticket was refused: {reason}")
        self.reason = reason


class SignatureRefused(ProtocolError):
    """A signature that does not hold over what it claims to sign."""

    close_code = 4401

    def __init__(self, what: str) -> None:
        super().__init__(f"The signature on {what} does not hold")
        self.what = what
