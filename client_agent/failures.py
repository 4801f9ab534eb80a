"""What can go wrong before or beside a session, each told apart (Q14), and the sentence with what to do about it.

Counterpart: `link.py` and `core.py` decide which one it is; the window and the terminal show :func:`explain`.
Must never hold a secret: `detail` is shown to the customer and read out to whoever helps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from client_agent.i18n import Words, mark


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
    NOT_SHARED = "not_shared"
    INTERNAL = "internal"
    # What the customer did, or did not do
    TERMS_DECLINED = "terms_declined"
    BURNS = "burns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failure with its facts.

    `detail`: technical words for whoever helps (a host name, an error's text), shown small. `retry_at`: monotonic
    time of the next attempt that the core makes by itself, None when it waits for the customer. `url`: where a newer
    program is (VERSION). `down_kbit`, `up_kbit`, `floor_kbit`: the figures of TOO_SLOW.
    """

    kind: FailureKind
    detail: str = ""
    retry_at: float | None = None
    url: str = ""
    down_kbit: int = 0
    up_kbit: int = 0
    floor_kbit: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failure in a person's words: a title, what happened, and what to do, one thing after the other."""

    title: str
    happened: str
    do: tuple[str, ...]


def explain(failure: Failure, _: Words) -> Explanation:
    """Put into words of `_`'s language. Every kind has its own words; a test holds that."""
    title, happened, *do = _WORDS[failure.kind]
    figures = {
        "down": _.number(failure.down_kbit),
        "up": _.number(failure.up_kbit),
        "floor": _.number(failure.floor_kbit),
    }
    return Explanation(_(title), _(happened, **figures), tuple(_(step) for step in do))


def explain_burns(burns: int, spent: bool, _: Words) -> Explanation:
    """Wrong passwords were tried on `burns` codes today; `spent`: so often that there is none until tomorrow."""
    if spent:
        return explain(Failure(kind=FailureKind.BURNS), _)
    happened = _.ngettext(
        "{n} code was cancelled today because somebody gave a wrong password for it.",
        "{n} codes were cancelled today because somebody gave a wrong password for them.",
        burns,
    )
    do = (
        _("It may have been a slip: were you reading a code out just now?"),
        _("If not, somebody may be trying to get in. They have not: nobody sees your screen."),
        _("Call your provider, at the number that you know, and tell them."),
    )
    return Explanation(_("Somebody tried wrong passwords"), happened, do)


_NO_NETWORK_DO = (
    mark("Check that the Wi-Fi is on, or that the network cable is plugged in."),
    mark("See whether any web page opens on this computer."),
    mark("If none does, restart your router or call your Internet provider."),
)
_ASK_ADMINISTRATOR = mark("If this is a company computer, ask the person who looks after it; read them the line below.")
_CALL_US = mark("If it goes on, call your provider and read them the line below.")

_WORDS: Mapping[FailureKind, tuple[str, ...]] = {
    FailureKind.NO_NETWORK: (
        mark("There is no Internet connection"),
        mark("This computer is not connected to any network."),
        *_NO_NETWORK_DO,
    ),
    FailureKind.DNS: (
        mark("The service's address was not found"),
        mark("There is a network, but it could not say where the service is. Often the Internet connection is down."),
        *_NO_NETWORK_DO,
    ),
    FailureKind.PROXY: (
        mark("The proxy does not let us through"),
        mark("This computer reaches the Internet through a proxy, and the proxy did not make the connection."),
        mark("See whether any web page opens on this computer."),
        _ASK_ADMINISTRATOR,
    ),
    FailureKind.PROXY_AUTH: (
        mark("The proxy wants a user name and password"),
        mark("The proxy of your network did not accept this computer's user name and password, or has none."),
        _ASK_ADMINISTRATOR,
    ),
    FailureKind.FIREWALL: (
        mark("Something blocks the way to the service"),
        mark("The Internet works, but a firewall or an antivirus program does not let this program reach the service."),
        mark("If your antivirus program asks, allow Relevo."),
        _ASK_ADMINISTRATOR,
        mark("You can also try another network, such as your telephone's."),
    ),
    FailureKind.TOO_SLOW: (
        mark("The connection is too slow"),
        mark("Measured: {down} kbit/s down and {up} kbit/s up. Needed: {floor} kbit/s each way."),
        mark("Stop downloads, videos and back-ups, on other computers too."),
        mark("Move closer to the router, or use a network cable."),
        mark("Then try again."),
    ),
    FailureKind.BROKER_DOWN: (
        mark("The service does not answer"),
        mark("Your Internet connection works. The fault is with the service itself, not with you."),
        mark("Wait a few minutes: this program tries again by itself."),
        _CALL_US,
    ),
    FailureKind.CERTIFICATE: (
        mark("The service could not prove who it is"),
        mark("Its certificate is not valid, so nothing was sent. Someone could be in between."),
        mark("Check the date and time of this computer."),
        mark("Do not use this program on a public network until it works again."),
        _CALL_US,
    ),
    FailureKind.BUSY: (
        mark("The service is very busy"),
        mark("Too many people are connecting just now, or this network has tried too often."),
        mark("Wait a few minutes: this program tries again by itself."),
    ),
    FailureKind.ORGANISATION: (
        mark("The service does not know this program"),
        mark("It was made for a provider that this service does not serve, or no longer serves."),
        mark("Download the program again from your provider's page."),
        _CALL_US,
    ),
    FailureKind.VERSION: (
        mark("This program is too old"),
        mark("The service needs a newer version of it."),
        mark("Download the program again from your provider's page."),
    ),
    FailureKind.CLOCK: (
        mark("This computer's clock is wrong"),
        mark("A safe connection needs the right date and time."),
        mark("Set the date and time in your computer's settings, and try again."),
    ),
    FailureKind.WAYLAND: (
        mark("Something is missing to show this screen"),
        mark("Your desktop uses Wayland. What shows its screen to others is not installed, or does not work."),
        mark(
            "Install the packages xdg-desktop-portal, pipewire and xwayland, and your desktop's own portal:"
            " xdg-desktop-portal-gnome or xdg-desktop-portal-kde."
        ),
        mark("Or log out; on the log-in screen choose a session named “X11” or “Xorg”, and log in again."),
        mark("Then start this program again."),
    ),
    FailureKind.NO_DISPLAY: (
        mark("This computer has no screen to show"),
        mark("No graphical desktop was found."),
        mark("Start this program from the desktop of the computer that needs help."),
    ),
    FailureKind.CAPTURE: (
        mark("The screen could not be read"),
        mark("The system did not let this program see the screen."),
        mark("Allow it in your system's settings, under screen recording, if there is such a setting."),
        _CALL_US,
    ),
    FailureKind.NOT_SHARED: (
        mark("Your desktop does not share the screen"),
        mark(
            "It asked whether to share it, and the answer was no; or the sharing was stopped. Nobody sees your screen."
        ),
        mark("If you still want help, call your provider and read them a new code."),
        mark("When your desktop asks then, choose the screen and press its button to share it."),
    ),
    FailureKind.INTERNAL: (
        mark("The program has a fault"),
        mark("Something went wrong inside it. Nobody can see your screen."),
        mark("Close it and start it again."),
        _CALL_US,
    ),
    FailureKind.TERMS_DECLINED: (
        mark("The terms were not accepted"),
        mark("Without them there can be no support. Nothing was sent, and nobody can connect."),
        mark("Read them again whenever you like, or close the program."),
    ),
    FailureKind.BURNS: (
        mark("No more codes today"),
        mark(
            "Wrong passwords were tried too often on this computer today. That protects you from someone who guesses."
        ),
        mark("Call your provider, at the number that you know, and tell them."),
        mark("Tomorrow this program works again."),
    ),
}
"""Kind → title, what happened, and what to do, line by line."""
