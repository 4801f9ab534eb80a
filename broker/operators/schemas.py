"""What the endpoints about accounts take and give.  No reply holds a secret but one just made for its reader."""

from typing import Literal

from broker.roles import Role
from broker.schemas import Body, Email, Lang, Line, NewPassword, Password, Reply, Token, Totp, UtcTime
from broker.store.tables import OperatorRow

RoleName = Literal["operator", "admin", "auditor"]


class SignInBody(Body):
    """`totp` is wanted when the first answer was `totp_needed`."""

    email: Email
    password: Password
    totp: Totp | None = None
    want: Literal["cookie", "bearer"]


class OperatorBrief(Reply):
    """Who is signed in."""

    operator_id: str
    name: str
    email: str
    role: Role
    org_id: str
    org_name: str
    totp_enabled: bool
    lang: str


class SignInReply(Reply):
    """`token` only when a bearer was wanted; a browser gets a cookie instead."""

    operator: OperatorBrief
    token: str | None = None


class MePatch(Body):
    """What a person may change of the own account; what is absent stays."""

    lang: Lang | None = None
    name: Line | None = None


class PasswordBody(Body):
    """The present password and the one that replaces it."""

    old: Password
    new: NewPassword


class TotpReply(Reply):
    """Shown once, to be scanned."""

    secret: str
    uri: str
    qr_svg: str


class TotpCodeBody(Body):
    """The first code, which shows that the authenticator has the secret."""

    code: Totp


class TotpRemoveBody(Body):
    """The password again: a browser left open must not be enough."""

    password: Password


class SetupState(Reply):
    """Whether the first administrator is still to be made."""

    open: bool


class SetupBody(Body):
    """The first administrator and the first organisation (pairing rule 10)."""

    token: Token
    organisation_name: Line
    name: Line
    email: Email
    password: NewPassword


class InvitationBody(Body):
    """An invited person's own name and password."""

    token: Token
    name: Line
    password: NewPassword


class ResetBody(Body):
    """A new password."""

    token: Token
    password: NewPassword


class OperatorItem(Reply):
    """One account as administrators see it."""

    id: str
    name: str
    email: str
    role: Role
    disabled: bool
    totp_enabled: bool
    last_seen_utc: UtcTime | None
    state: Literal["active", "invited", "disabled"]


class OperatorList(Reply):
    """Oldest first."""

    items: tuple[OperatorItem, ...]


class Colleague(Reply):
    """Whom tickets and appointments name."""

    id: str
    name: str
    disabled: bool


class ColleagueList(Reply):
    """Oldest first."""

    items: tuple[Colleague, ...]


class OperatorBody(Body):
    """An account to be invited."""

    email: Email
    name: Line
    role: RoleName


class OperatorPatch(Body):
    """What is absent stays.  `totp_enabled` can only be set to false: for somebody who has lost the authenticator."""

    role: RoleName | None = None
    disabled: bool | None = None
    name: Line | None = None
    totp_enabled: Literal[False] | None = None


class InviteReply(Reply):
    """The link to hand over; it is shown this once."""

    invite_url: str


class ResetReply(Reply):
    """The link to hand over; it is shown this once."""

    reset_url: str


def operator_item(row: OperatorRow) -> OperatorItem:
    """An account's row as administrators see it."""
    state: Literal["active", "invited", "disabled"] = "active" if row.password_hash else "invited"
    return OperatorItem(
        id=row.id, name=row.name, email=row.email, role=Role(row.role), disabled=row.disabled,
        totp_enabled=row.totp_enabled, last_seen_utc=row.last_seen_utc, state="disabled" if row.disabled else state,
    )  # fmt: skip


def operator_brief(row: OperatorRow, org_name: str) -> OperatorBrief:
    """An account's row as its owner sees it."""
    return OperatorBrief(
        operator_id=row.id, name=row.name, email=row.email, role=Role(row.role), org_id=row.org_id, org_name=org_name,
        totp_enabled=row.totp_enabled, lang=row.lang,
    )  # fmt: skip
