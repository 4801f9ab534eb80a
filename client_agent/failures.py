"""What can go wrong before or beside a session, each told apart (Q14), and the sentence with what to do about it.

Counterpart: `link.py` and `core.py` decide which one it is; the window and the terminal show :func:`explain`.
Must never hold a secret: `detail` is shown to the customer and read out to whoever helps.
"""

from dataclasses import dataclass
from enum import Enum


class FailureKind(Enum):
    """Which it is. Q14's four causes: no Internet, wrong use, a third party, the service itself."""

    # No Internet, or the way to it
    NO_NETWORK = "no_network"
    DNS = "dns"
    PROXY = "proxy"
    PROXY_AUTH = "proxy_auth"
    FIREWALL = "firewall"
    TOO_SLOW = "too_slow"
    # The service, or a third party in between
    BROKER_DOWN = "broker_down"
    CERTIFICATE = "certificate"
    BUSY = "busy"
    ORGANISATION = "organisation"
    # This program, this computer
    VERSION = "version"
    CLOCK = "clock"
    WAYLAND = "wayland"
    NO_DISPLAY = "no_display"
    CAPTURE = "capture"
    SECOND_AGENT = "second_agent"
    INTERNAL = "internal"
    # What the customer did, or did not do
    TERMS_DECLINED = "terms_declined"
    CODE_EXPIRED = "code_expired"
    REFUSED = "refused"
    BURNS = "burns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failure with its facts.

    `detail`: technical words for whoever helps (a host name, an error's text), shown small. `retry_at`: monotonic time
    of the next attempt that the core makes by itself, None when it waits for the customer. `url`: where a newer program is
    (VERSION). `down_kbit`, `up_kbit`, `floor_kbit`: TOO_SLOW's figures.
    """

    kind: FailureKind
    detail: str = ""
    retry_at: float | None = None
    url: str = ""
    down_kbit: int = 0
    up_kbit: int = 0
    floor_kbit: int = 0
