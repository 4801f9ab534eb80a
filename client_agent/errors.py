"""The agent's errors, one tree.  `str()` of each is a sentence for a log; `failures.py` words them for the customer.

AgentError
├── LinkFailure            the broker or the relay cannot be reached; `kind` says which thing failed (Q14)
├── CaptureUnavailable     no picture of this desktop can be had
├── EncoderUnavailable     moving pictures cannot be coded on this computer, or not of this size: tiles can
├── InjectUnavailable      no input can be given to this desktop
├── AlreadyRunning         another agent runs for this person on this computer
└── StateUnreadable        the file that outlives the program cannot be read or written
"""

from client_agent.failures import Failure, FailureKind


class AgentError(Exception):
    """Anything that stops the agent from doing what it was asked."""


class LinkFailure(AgentError):
    """A line that did not come up, or what the broker says of us.  `detail` is technical and holds no secret."""

    def __init__(self, kind: FailureKind, detail: str = "", url: str = "") -> None:
        super().__init__(f"{kind.value}: {detail}" if detail else kind.value)
        self.kind, self.detail, self.url = kind, detail, url

    @property
    def retried(self) -> bool:
        """Whether to try again without being asked.  A bad certificate is never retried (Q14)."""
        return self.kind in _PASSING

    @property
    def unproved(self) -> bool:
        """Whether the other end could not prove who it is; one that is "not valid yet" is a clock's fault, or a lie."""
        return self.kind in (FailureKind.CERTIFICATE, FailureKind.CLOCK)

    def failure(self, retry_at: float | None) -> Failure:
        """The fact for the customer; `retry_at` on the monotonic clock, None when nothing happens by itself."""
        return Failure(kind=self.kind, detail=self.detail, url=self.url, retry_at=retry_at)


_PASSING = frozenset(
    {
        FailureKind.NO_NETWORK,
        FailureKind.DNS,
        FailureKind.PROXY,
        FailureKind.FIREWALL,
        FailureKind.BROKER_DOWN,
        FailureKind.BUSY,
    }
)


class CaptureUnavailable(AgentError):
    """`reason` is a stable word: `wayland`, `no_display`, `x11_connection`, `permission`, `portal_refused`, …"""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This screen cannot be shown: {reason}")
        self.reason = reason

    @property
    def kind(self) -> FailureKind:
        """Which failure that is to the customer."""
        return _KINDS.get(self.reason, FailureKind.CAPTURE)

    @property
    def final(self) -> bool:
        """Whether the desktop is not to be looked for again: its person would be asked again."""
        return self.reason.startswith(("portal_", "wayland"))

    @property
    def by_customer(self) -> bool:
        """Whether the customer's own no, to the desktop's question or afterwards, is what it is."""
        return self.kind is FailureKind.NOT_SHARED


_KINDS = {
    "no_display": FailureKind.NO_DISPLAY,
    "wayland": FailureKind.WAYLAND,
    "wayland_pipewire": FailureKind.WAYLAND,
    "wayland_xwayland": FailureKind.WAYLAND,
    "portal_missing": FailureKind.WAYLAND,
    "portal_refused": FailureKind.NOT_SHARED,
    "portal_revoked": FailureKind.NOT_SHARED,
}


class EncoderUnavailable(AgentError):
    """`reason` is a stable word: `codec`, `size`, `open`, `encode`, `closed`; `detail` is the library's, for a log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"No moving pictures: {reason}{': ' if detail else ''}{detail}")
        self.reason, self.detail = reason, detail


class InjectUnavailable(AgentError):
    """`reason` is a stable word, as in `CaptureUnavailable`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This computer cannot be controlled: {reason}")
        self.reason = reason

    @property
    def passing(self) -> bool:
        """Whether the desktop may be there in a moment."""
        return self.reason == "x11_connection"


class AlreadyRunning(AgentError):
    """Another agent of the same person holds the lock."""

    def __init__(self) -> None:
        super().__init__("Another agent is running on this computer")


class StateUnreadable(AgentError):
    """The state file.  `path` holds no secret."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be used: {reason}")
        self.path, self.reason = path, reason
