"""The broker's errors, one tree.  Each owns its HTTP status, its WebSocket close code, its word and its sentence.

    BrokerError
    ├── Refused              theirs: a request that is answered with no
    │   ├── Malformed        400  a body, an address or a parameter that is no request
    │   ├── NotSignedIn      401  no sign-in, or one that has ended
    │   ├── SignInDenied     401  wrong e-mail, password or code: never says which
    │   ├── TotpNeeded       401  the password was right, the second factor is missing
    │   ├── Forbidden        403  signed in, but this role may not
    │   ├── WrongOrigin      403  a page of another address asked (pairing rule 7)
    │   ├── NotFound         404  nothing there, or another organisation's
    │   ├── Conflict         409  it does not fit what is already so
    │   ├── LinkSpent        410  an invitation, reset or set-up link that was used or is too old
    │   ├── TooLarge         413
    │   ├── Unacceptable     422  understood, but a value cannot be taken
    │   └── TooMany          429
    ├── SettingsRefused      ours: the broker cannot start like this
    ├── StoreRefused         ours: the database is not what this program can work with
    └── UndeclaredPermission ours: a route without a permission (the application does not start)

`str()` is the English sentence; `sentence(lang)` the reader's language.  Must never carry a secret.
"""

from collections.abc import Mapping
from http import HTTPStatus

from broker.i18n import N_, translate


class BrokerError(Exception):
    """Anything that the broker refuses or cannot do.  `text` is a msgid, `values` what its `{…}` stand for."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    close_code = 1011
    word = "internal"
    text = N_("Something went wrong in the service. Try again; if it stays, tell whoever runs it.")

    def __init__(self, text: str | None = None, /, **values: object) -> None:
        self.text = text or type(self).text
        self.values: Mapping[str, object] = values
        super().__init__(self.text.format(**values))

    def sentence(self, lang: str) -> str:
        """What a person reads, in `lang` (`es` or `en`)."""
        return translate(lang, self.text).format(**self.values)


class Refused(BrokerError):
    """A request that is answered with no; nothing has changed."""

    status = HTTPStatus.BAD_REQUEST
    close_code = 4400
    word = "refused"


class Malformed(Refused):
    """Not a request at all."""

    word = "malformed"
    text = N_("The request could not be read.")


class NotSignedIn(Refused):
    """No sign-in came with the request, or it has ended."""

    status = HTTPStatus.UNAUTHORIZED
    close_code = 4401
    word = "not_signed_in"
    text = N_("Please sign in.")


class SignInDenied(Refused):
    """The same for an unknown account, a wrong password, a wrong code and a disabled account."""

    status = HTTPStatus.UNAUTHORIZED
    close_code = 4401
    word = "denied"
    text = N_("E-mail, password or code is wrong.")


class TotpNeeded(Refused):
    """The password was right; the account wants its second factor too."""

    status = HTTPStatus.UNAUTHORIZED
    close_code = 4401
    word = "totp_needed"
    text = N_("Enter the six digits that your authenticator shows.")


class Forbidden(Refused):
    """Signed in, but the role does not hold the permission."""

    status = HTTPStatus.FORBIDDEN
    close_code = 4403
    word = "forbidden"
    text = N_("Your account may not do that. Ask an administrator.")


class WrongOrigin(Refused):
    """The page that asked is not ours (pairing rule 7)."""

    status = HTTPStatus.FORBIDDEN
    close_code = 4403
    word = "wrong_origin"
    text = N_("The request came from a page of another address. Open the console at its own address.")


class NotFound(Refused):
    """Nothing there; the same for what belongs to another organisation."""

    status = HTTPStatus.NOT_FOUND
    close_code = 4403
    word = "not_found"
    text = N_("There is nothing at this address.")


class Conflict(Refused):
    """It does not fit what is already so."""

    status = HTTPStatus.CONFLICT
    close_code = 4403
    word = "conflict"
    text = N_("That does not fit the present state. Look again and repeat.")


class LinkSpent(Refused):
    """A one-time link that was used, is too old or never was."""

    status = HTTPStatus.GONE
    close_code = 4403
    word = "link_spent"
    text = N_("This link was already used or is too old. Ask for a new one.")


class TooLarge(Refused):
    """Over a size limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    close_code = 4413
    word = "too_large"
    text = N_("That is too large.")


class Unacceptable(Refused):
    """Understood, but a value cannot be taken."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    close_code = 4400
    word = "unacceptable"
    text = N_("A value cannot be taken.")


class TooMany(Refused):
    """Over a rate or a count.  `retry_after` is in whole seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    close_code = 4429
    word = "too_many"
    text = N_("Too many attempts. Wait {seconds} seconds and try again.")

    def __init__(self, retry_after: int = 60) -> None:
        super().__init__(seconds=retry_after)
        self.retry_after = retry_after


class SettingsRefused(BrokerError):
    """The settings do not make a broker that may start."""

    word = "settings"
    text = N_("The settings cannot be used: {reason}")

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class StoreRefused(BrokerError):
    """The database is not what this program can work with."""

    word = "store"
    text = N_("The database cannot be used: {reason}")

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class UndeclaredPermission(BrokerError):
    """Routes that do not say who may use them."""

    word = "undeclared_permission"
    text = N_("These routes declare no permission: {routes}")

    def __init__(self, routes: list[str]) -> None:
        super().__init__(routes=", ".join(routes))
