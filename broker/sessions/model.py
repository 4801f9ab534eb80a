"""What the control plane tells the session log, as frozen values.  Counterpart: `broker.sessions.service`.

Personal data (names, computer, user, address) are kept apart from the rest, because they can be erased (pairing rule
8).
"""

from dataclasses import dataclass, field

from broker.log.moment import Moment
from broker.log.projections import SessionState
from protocol.control import Permission


@dataclass(frozen=True, slots=True)
class Customer:
    """What the agent said about its computer, and the address it came from.  All of it can be erased."""

    computer: str = field(repr=False)
    user: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """What the broker measured before it issued the code (Q10), in kbit/s and ms."""

    down_kbit: int
    up_kbit: int
    rtt_ms: int


@dataclass(frozen=True, slots=True)
class RequestedSession:
    """A pair request whose server part was right (pairing step 8)."""

    session_id: str
    org_id: str
    agent_id: str
    """The nine digits."""
    pk_agent: str
    """The run's Ed25519 key, base64url: it signs the receipt, permission changes and the end."""
    code_id: str
    operator_id: str
    operator_name: str = field(repr=False)
    service: str
    offer: bytes = field(repr=False)
    """The exact bytes of the offer; terms, tariff and wanted permissions are read from it."""
    customer: Customer
    bandwidth: Bandwidth
    customer_id: str | None = None
    """The record of whoever is helped, where they were recognised; the rest is what the bill depends on."""
    order_id: str | None = None
    ticket_id: str | None = None
    urgent: bool = False
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that has not ended, as the log knows it: all that the control plane needs to go on after a restart."""

    session_id: str
    org_id: str
    operator_id: str
    agent_id: str
    pk_agent: str
    service: str
    state: SessionState
    g: int
    """The last generation that joined; 0 before the first."""
    granted: tuple[Permission, ...]
    since: Moment
    """When the present state began; for `paused`, when the line was lost."""
