"""What the agent's core tells the person's side, and what the person asks of the core: two closed unions.

Counterparts: `core.py` emits `Event`s and obeys `Command`s; `window/` and `terminal.py` do the reverse. Both live in
one loop and one thread, so nothing here needs a lock. Clocks are this computer's `time.monotonic()`, in seconds.

The order of events:  StepChanged… · TermsNeeded? · Measured · CodeShown (again at each rotation) · CodeGone? ·
ConsentAsked · Live · (PermissionsNow | Paused | Resumed | PictureNow | MeterNow | CostNow | LimitReached)… ·
Ended · CodeShown …; Billed and Rated after Ended;
Failed, NotServed, BurnWarning, SuspicionResult at any time; Closed once, last. Events carry facts, never sentences:
people's words are made where they are shown. Must never hold the key of a session; `CodeShown` is the only holder of
a password, and its `repr` hides it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Literal, Protocol

from client_agent.failures import Failure
from client_agent.i18n import Language as Language
from protocol.control import Bill, EndReason, Permission
from protocol.offer import Offer


class Step(Enum):
    """What the agent does before it can show a code, in this order."""

    REACH = "reach"
    """The computer's network, the way out (proxy), the broker, its certificate."""
    TERMS = "terms"
    """The provider's terms are accepted (Q8)."""
    MEASURE = "measure"
    """The line is measured by the broker (Q10)."""
    CODE = "code"
    """ID and password are made."""


class StepState(Enum):
    """How far a step is."""

    DOING = "doing"
    DONE = "done"


# From the core -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKnown:
    """Who runs the service: the organisation of this build. `logo`: a PNG, JPEG or WebP file's bytes, or empty."""

    name: str
    logo: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChanged:
    """A step was begun or done. Beginning a step that was done (a new connection) makes those after it undone."""

    step: Step
    state: StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsNeeded:
    """The terms in force have not been accepted on this computer. Answered by `AcceptTerms` or `DeclineTerms`."""

    version: int
    es: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the broker measured: kbit/s, ms. When not `ok`, `Failed(TOO_SLOW)` follows."""

    down_kbit: int
    up_kbit: int
    rtt_ms: int
    floor_kbit: int
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeShown:
    """A code to be shown until the monotonic time `until`, `life_s` seconds after its making. Replaces the last one."""

    id: str
    """Nine digits, without spaces."""
    password: str = field(repr=False)
    """Eight symbols, without a hyphen."""
    until: float
    life_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGone:
    """The code on show opens nothing any more. `burnt`: somebody tried a wrong password on it; `refused`: the service
    refused whoever had it, each time; another follows."""

    reason: Literal["burnt", "refused", "rotated", "cancelled", "used"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAsked:
    """A technician proved the password and asks. No answer by `deadline` is a no, which the core itself counts.

    The texts of `offer` are others' and unclean: they go through `wording.plain` before anyone sees them.
    """

    session_id: str
    offer: Offer
    deadline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Capture begins. Both ends hold the countersigned receipt. `since` is when the session's time began."""

    session_id: str
    operator_name: str
    org_name: str
    service: str
    granted: frozenset[Permission]
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionsNow:
    """What stands now. `pending`: asked for by the customer, waiting for the broker's record; not in force yet.
    `withheld`: what the desktop itself lets nobody do, whatever the customer agrees to."""

    granted: frozenset[Permission]
    pending: frozenset[Permission] = frozenset()
    withheld: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The line is lost: nothing is captured, the time does not count. Without a line by `deadline` the session ends."""

    deadline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The line is back. `since` moves on by the length of the pause, so that now - since is the time that counts."""

    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureNow:
    """While live: the screen cannot be read, and why; with `failure` None the technician sees it again."""

    failure: Failure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterNow:
    """While live, when they change, about once a second at most: round trip in ms (None: not known yet), kbit/s sent,
    both roughly; pictures per second and what they are made of."""

    rtt_ms: int | None
    kbit_s: int
    frames_s: int
    sending: Literal["nothing", "exact", "photo", "video"] = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What the customer agreed to, when, and in which language the prompt was."""

    offer: Offer
    granted: frozenset[Permission]
    utc: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The session is over and capture has stopped. Also for one that never was live (refused, consent_timeout, …).

    `connected_s`: seconds that count. `receipt`: the file with the consent and the broker's countersignature, None when
    there was no consent.  `agreed`: what that consent was to.  `failure`: what says more than the
    reason, where something does.
    """

    session_id: str
    reason: EndReason
    connected_s: int
    receipt: Path | None = None
    agreed: Agreed | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What the provider charges for the session that ended last: the provider's words, unclean as those of an offer."""

    bill: Bill


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """The provider has the customer's opinion; or has had one already, by the link of an e-mail."""

    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The agent cannot go on, and why. With `failure.retry_at` it will try again by itself; `Retry` does so at once."""

    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnWarning:
    """Wrong passwords were tried on `burns` codes today (pairing rule 1). No code is shown before `ShowCodeAnyway`;
    when `spent`, none at all until tomorrow."""

    burns: int
    spent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspicionResult:
    """Whether the administrators have the report (Q12). If not, it is kept and goes out with the next line."""

    stored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotServed:
    """A technician asked, and the provider's terms allow no session now; why, in both languages.  The code stays."""

    es: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostNow:
    """What the session has come to so far, as the broker counts it.  Money in the currency's minor unit, before tax."""

    connected_s: int
    rounded_minutes: int
    charged_minor: int
    currency: str
    minutes_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached:
    """The time that the customer had set is over.  Answered by `GoOn`; without it the session ends at `deadline`."""

    session_id: str
    deadline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The core has ended its sessions and connections: the program may stop."""


Event = (
    ProviderKnown | StepChanged | TermsNeeded | Measured | CodeShown | CodeGone | ConsentAsked | Live | PermissionsNow
    | Paused | Resumed | PictureNow | MeterNow | Ended | Failed | BurnWarning | SuspicionResult
    | NotServed | CostNow | LimitReached | Billed | Rated | Closed
)  # fmt: skip


# From the person -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptTerms:
    """The customer accepts terms `version`, read in `language`."""

    version: int
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineTerms:
    """The customer does not accept: nothing is registered. Answered by `Failed(TERMS_DECLINED)`; `Retry` asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The customer agrees to `granted`, a part of what was wanted, at least `view`. `language`: the prompt's.

    `limit_minutes`: ask me again after so much connected time; None for no limit.
    """

    session_id: str
    granted: frozenset[Permission]
    language: Language
    limit_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn:
    """After `LimitReached`: go on, and ask again after `limit_minutes` more (None: not again)."""

    session_id: str
    limit_minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """The customer says no."""

    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    """Cut it, now and locally (Q4). `at`: the moment of the click, from which the promise of 500 ms counts."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPermission:
    """Give or take back one permission."""

    name: Permission
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """Another ID and password; those on show die."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCodeAnyway:
    """After a `BurnWarning` that is not spent: the customer has read it and wants a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSuspicion:
    """Something is wrong; the customer's own words, at most `limits.LONG_TEXT` characters, perhaps none (Q12)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How the help was, from 1 (very bad) to 5 (very good), and why; `comment` may be empty."""

    session_id: str
    stars: int
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try again now, from the first step that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguage:
    """What the customer reads from now on. The core needs it for `Hello.lang` and remembers it."""

    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Quit:
    """The program is being closed: a live session ends as `agent_closed`, the code dies, then `Closed`."""


Command = (
    AcceptTerms | DeclineTerms | Consent | GoOn | Refuse | Disconnect | SetPermission | NewCode | ShowCodeAnyway
    | ReportSuspicion | Rate | Retry | SetLanguage | Quit
)  # fmt: skip


# The two sides, as each sees the other --------------------------------------------------------------------------------


class Core(Protocol):
    """What a window needs of the core. Neither method blocks or raises for what a person does too late or twice:
    a command that no longer fits (a consent after its deadline) has no effect."""

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with each event from now on, in the loop's thread. One listener, given before the run."""

    def do(self, command: Command) -> None:
        """Take a command; what comes of it comes as events. `Disconnect` acts before this returns."""


class RunningCore(Core, Protocol):
    """A core with a life of its own."""

    async def run(self) -> None:
        """Live until `Quit` has been done and `Closed` been said."""


class WindowGuard(Protocol):
    """What inject asks before each event of a technician's (pairing rule 6). Safe from any thread; fails closed."""

    def covers(self, x: int, y: int) -> bool:
        """Whether the point, in physical pixels of the whole desktop, is over a window of the agent."""

    def has_focus(self) -> bool:
        """Whether a window of the agent has the keyboard."""

    def prompt_open(self) -> bool:
        """Whether the customer is being asked something, so that all injection waits."""


class NoWindow:
    """The guard of an agent without a window: there is nothing to cover. What it asks, it asks in a terminal.

    Fails closed: until the terminal has said that it asks nothing, it does.
    """

    def __init__(self) -> None:
        self._asking = True

    def asking(self, whether: bool) -> None:
        """Whether the terminal asks something now; one value, replaced whole, so that no lock is needed."""
        self._asking = whether

    def covers(self, x: int, y: int) -> bool:
        """Never."""
        return False

    def has_focus(self) -> bool:
        """Never."""
        return False

    def prompt_open(self) -> bool:
        """While the terminal asks, at the customer's limit above all: an answer must be the customer's own."""
        return self._asking
