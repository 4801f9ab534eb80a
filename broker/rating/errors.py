"""Rating's errors.

BrokerError
├── CaseRefused    bad input: a case that contradicts itself or cannot be read; names the field
└── NotServed      the policy says no: not eligible, no plan; names clause and work
    └── OutOfHours it would begin when nobody serves
"""

from broker.errors import BrokerError
from broker.i18n import N_


class CaseRefused(BrokerError):
    """A case that cannot be rated.  `field` is dotted: `work.0.pauses.1`."""

    word = "case"
    text = N_("{field}: {reason}")

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field=field or "case", reason=reason)


class NotServed(BrokerError):
    """The provider's terms refuse this, by `clause`.  `subject` is `work` or `event`, `index` its place."""

    word = "not_served"

    def __init__(self, subject: str, index: int, clause: str, text: str, **values: object) -> None:
        super().__init__(text, **values)
        self.subject, self.index, self.clause = subject, index, clause

    def __str__(self) -> str:
        return f"{self.subject} {self.index}: {self.clause}: {self.sentence('en')}"


class OutOfHours(NotServed):
    """Work may only begin in served hours."""
