"""What the session log refuses; a branch of the broker's tree.

BrokerError
├── Refused
│   ├── NotFound
│   │   └── UnknownSession   no session has that id
│   └── ReceiptRefused       a consent that does not fit the session
└── LogDamaged               ours: bytes in the log that no version of it has written
"""

from broker.errors import BrokerError, NotFound, Refused
from broker.i18n import N_


class UnknownSession(NotFound):
    """No session has that id."""

    word = "unknown_session"
    text = N_("There is no such session.")


class ReceiptRefused(Refused):
    """A signed consent that speaks of another session or offer, or grants more than was asked.  `reason` says which."""

    close_code = 4401
    word = "receipt_refused"
    text = N_("The consent was refused: it does not fit this session ({reason}).")

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class LogDamaged(BrokerError):
    """The log holds what no version of it has written."""

    word = "log_damaged"
    text = N_("The session log is damaged: {reason}")

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
