"""The console's errors, one tree.  `str()` of each is a sentence that a technician can act on.

ConsoleError
├── Unreachable          the broker or relay was not reached: network, name, proxy
│   ├── WrongCertificate it was, and could not prove who it is
│   └── NotTheService    something else answered: a network's sign-in page, a proxy, another address
├── BadAuthority         the file of CA certificates cannot be used
├── NotSignedIn          e-mail, password or second factor were not right, or the sign-in has ended
├── PairingDenied        the broker gave no pairing; `reason` is a word of `control.DenialReason`
├── Tampering            the key exchange or the channel was interfered with: a warning, not a mishap
└── SessionOver          the session has ended; `reason` is a word of `control.EndReason`
"""

import gettext
from pathlib import Path

_ = gettext.translation("console", Path(__file__).parent / "locale", fallback=True).gettext


class ConsoleError(Exception):
    """Anything that keeps the technician from a session."""

    exit_code = 1


class Unreachable(ConsoleError):
    """The broker or relay at `where` was not reached; `why` is the system's own word for it."""

    exit_code = 4

    def __init__(self, where: str, why: str) -> None:
        super().__init__(_("{where} can't be reached: {why}").format(where=where, why=why))


class WrongCertificate(Unreachable):
    """Whoever is at `where` could not prove who they are: nothing was sent, and it is not tried again."""

    def __init__(self, where: str, why: str) -> None:
        ConsoleError.__init__(
            self,
            _("{where} could not prove who it is, so nothing was sent. Its certificate: {why}").format(
                where=where, why=why
            ),
        )


class NotTheService(Unreachable):
    """Something answered at `where`, as no broker does."""

    def __init__(self, where: str) -> None:
        ConsoleError.__init__(
            self,
            _(
                "Something else than the service answered at {where}. Check the address, and whether this network "
                "wants you to sign in to it first: open any web page."
            ).format(where=where),
        )


class BadAuthority(ConsoleError):
    """The CA certificates that `--ca` names cannot be read, or are none."""

    exit_code = 2

    def __init__(self, file: str, why: str) -> None:
        super().__init__(_("{file} can't be used as CA certificates: {why}").format(file=file, why=why))


class NotSignedIn(ConsoleError):
    """The broker does not take this person for one of its operators."""

    exit_code = 3

    def __init__(self, word: str = "denied") -> None:
        sentence = {
            "totp_needed": _("This account needs the code of its authenticator as well: give --totp."),
            "throttled": _("Too many attempts. Wait a moment and try again."),
        }.get(word, _("E-mail or password are not right."))
        super().__init__(sentence)
        self.word = word


class PairingDenied(ConsoleError):
    """No pairing came about.  `why`: the policy's own sentence, where it does not serve."""

    exit_code = 5

    def __init__(self, reason: str, why: str = "") -> None:
        sentence = why or {
            "denied": _("Denied: ID or password are not right. Ask the customer to read them out again."),
            "wrong_password": _(
                "The password's last five symbols are not right, and its code is used up. Ask for the new one."
            ),
            "expired": _("This code has expired. Ask the customer for the one on show now."),
            "busy": _("The customer is already talking to a technician. Wait for the end of that session."),
            "policy": _("The service's rules don't allow a session now."),
            "agent_silent": _("The customer's program doesn't answer. Ask whether it is still open."),
            "version": _("This console is too old for the service. Update it."),
            "unknown_record": _("The customer, order or ticket is not known, or they do not belong together."),
            "unknown_service": _("This organisation has no such service."),
        }.get(reason, reason)
        super().__init__(sentence)
        self.reason = reason


class Tampering(ConsoleError):
    """Someone between both ends, the service included, may have interfered."""

    exit_code = 6

    def __init__(self, reason: str) -> None:
        super().__init__(
            _(
                "No safe connection came about ({reason}). Use no password twice: ask the customer for a new code."
            ).format(reason=reason)
        )
        self.reason = reason


class SessionOver(ConsoleError):
    """The session has ended, for good."""

    exit_code = 7

    def __init__(self, reason: str) -> None:
        words = {
            "customer": _("the customer ended it"),
            "limit": _("the customer's limit was reached, and they did not say to go on"),
            "inactivity": _("nothing happened for too long"),
            "refused": _("the customer said no"),
            "consent_timeout": _("the customer did not answer in time"),
        }.get(reason, reason)
        super().__init__(_("The session has ended: {reason}").format(reason=words))
        self.reason = reason
