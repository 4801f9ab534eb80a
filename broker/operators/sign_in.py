"""Signing in and out, and what an operator changes about the own account: password, second factor, name, language.

An unknown account, a wrong password, a wrong code and a disabled account get the same answer after the same work.  No
transaction is open while Argon2 computes.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from broker.clock import Clock
from broker.errors import Conflict, NotSignedIn, SignInDenied, TooMany, TotpNeeded
from broker.i18n import N_
from broker.ids import fingerprint, new_id, new_token
from broker.keys import Keys
from broker.operators import totp
from broker.operators.passwords import Passwords
from broker.operators.repository import OperatorRepository
from broker.operators.revocations import Revocations, Revoked
from broker.operators.throttle import ACCOUNT, ACCOUNT_AT_ADDRESS, ADDRESS, ALARMS, Throttle
from broker.roles import Principal
from broker.store.engine import Store
from broker.store.tables import OperatorRow, SignInRow

Kind = Literal["cookie", "bearer"]
Alarm = Callable[[str, str, Mapping[str, str | int], Mapping[str, str]], Awaitable[None]]
"""Tells an organisation's administrators: its id, what kind of thing happened, its facts, those that are personal."""

SEALED_FOR = "totp"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person entered.  `address` is where the request came from."""

    email: str
    password: str
    totp: str | None
    address: str

    def __repr__(self) -> str:
        return f"Credentials({self.email!r})"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new sign-in.  `token` is given to the caller once and stored nowhere."""

    token: str
    operator_id: str

    def __repr__(self) -> str:
        return f"SignedIn({self.operator_id!r})"


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A second factor that waits to be confirmed with its first code."""

    secret: str
    uri: str
    qr_svg: str

    def __repr__(self) -> str:
        return "TotpOffer()"


class SignInService:
    """Everything that a person does with the own account."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keys: Keys,
        passwords: Passwords,
        throttle: Throttle,
        revocations: Revocations,
        alarm: Alarm,
    ) -> None:
        self._store, self._clock, self._keys = store, clock, keys
        self._passwords, self._throttle, self._revocations, self._alarm = passwords, throttle, revocations, alarm

    async def sign_in(self, given: Credentials, kind: Kind) -> SignedIn:
        """Raises `SignInDenied`, `TotpNeeded` (only after the right password) or `TooMany`."""
        row = await self._account(given.email)
        await self._count_try(given, row)
        right = await self._passwords.verify(row.password_hash if row else None, given.password)
        if row is None or not right or row.disabled:
            raise await self._denied(given)
        step = 0
        if row.totp_enabled:
            if given.totp is None:
                raise TotpNeeded
            found = totp.matching_step(self._secret_of(row), given.totp, self._clock.utc(), row.totp_last_step)
            if found is None:
                raise await self._denied(given)
            step = found
        signed_in = await self._admit(row, step, kind)
        if signed_in is None:
            raise await self._denied(given)
        await self._throttle.clear(ACCOUNT_AT_ADDRESS, given.email, given.address)
        if row.password_hash and self._passwords.is_dated(row.password_hash):
            await self._store_password(row.id, await self._passwords.hash(given.password))
        return signed_in

    async def sign_out(self, principal: Principal) -> None:
        """End this sign-in; its sockets are closed before this returns."""
        async with self._store.transaction() as session:
            await OperatorRepository(session).end_sign_ins(
                principal.operator_id, self._clock.utc(), only=principal.sign_in_id
            )
        await self._revocations.publish(Revoked(principal.operator_id, principal.sign_in_id, "signed_out"))

    async def account(self, principal: Principal) -> OperatorRow:
        """The account of whoever asks."""
        async with self._store.reading() as session:
            return await self._own(OperatorRepository(session), principal)

    async def change(self, principal: Principal, values: Mapping[str, str]) -> OperatorRow:
        """Set `name` or `lang`, already validated."""
        async with self._store.transaction() as session:
            row = await self._own(OperatorRepository(session), principal)
            for name, value in values.items():
                setattr(row, name, value)
            return row

    async def change_password(self, principal: Principal, old: str, new: str, address: str) -> None:
        """Ends every other sign-in of the account.  Raises `SignInDenied` when `old` is wrong."""
        await self._verify_own(principal, old, address)
        hashed = await self._passwords.hash(new)
        async with self._store.transaction() as session:
            repository = OperatorRepository(session)
            (await self._own(repository, principal)).password_hash = hashed
            others = await repository.end_sign_ins(principal.operator_id, self._clock.utc(), but=principal.sign_in_id)
            await repository.drop_links("reset", principal.operator_id, self._clock.utc())
        for sign_in_id in others:
            await self._revocations.publish(Revoked(principal.operator_id, sign_in_id, "password_changed"))

    async def offer_totp(self, principal: Principal) -> TotpOffer:
        """A new secret, which counts once `confirm_totp` has seen a code.  Raises `Conflict` when one is in force."""
        secret = totp.new_secret()
        async with self._store.transaction() as session:
            row = await self._own(OperatorRepository(session), principal)
            if row.totp_enabled:
                raise Conflict(N_("A second factor is in force. Remove it before you set up another."))
            row.totp_sealed = self._keys.seal(SEALED_FOR, secret.encode(), row.id)
        address = totp.uri(secret, principal.email, f"Relevo {principal.org_name}")
        return TotpOffer(secret, address, totp.qr_svg(address))

    async def confirm_totp(self, principal: Principal, code: str, address: str) -> None:
        """Put the offered secret in force.  Raises `SignInDenied` for a wrong code."""
        await self._throttle.hit(ACCOUNT_AT_ADDRESS, principal.operator_id, address)
        async with self._store.transaction() as session:
            repository = OperatorRepository(session)
            row = await self._own(repository, principal)
            if row.totp_sealed is None or row.totp_enabled:
                raise Conflict
            step = totp.matching_step(self._secret_of(row), code, self._clock.utc(), row.totp_last_step)
            if step is None:
                raise SignInDenied(N_("The code is wrong. Check that the clock of your telephone is right."))
            row.totp_enabled, row.totp_last_step = True, step

    async def remove_totp(self, principal: Principal, password: str, address: str) -> None:
        """Take the second factor away.  Raises `SignInDenied` when the password is wrong."""
        await self._verify_own(principal, password, address)
        async with self._store.transaction() as session:
            row = await self._own(OperatorRepository(session), principal)
            row.totp_enabled, row.totp_sealed = False, None

    async def _account(self, email: str) -> OperatorRow | None:
        async with self._store.reading() as session:
            return await OperatorRepository(session).by_email(email)

    async def _own(self, repository: OperatorRepository, principal: Principal) -> OperatorRow:
        row = await repository.by_id(principal.operator_id, principal.org_id)
        if row is None:
            raise NotSignedIn
        return row

    async def _count_try(self, given: Credentials, row: OperatorRow | None) -> None:
        try:
            await self._throttle.check(ADDRESS, given.address)
            await self._throttle.check(ACCOUNT, given.email)
            await self._throttle.hit(ACCOUNT_AT_ADDRESS, given.email, given.address)
        except TooMany:
            if row is not None:
                await self._raise_alarm(row, given.address)
            raise

    async def _raise_alarm(self, row: OperatorRow, address: str) -> None:
        """Once in a while: whoever goes on trying must not fill the log."""
        try:
            await self._throttle.hit(ALARMS, "alarm", row.id)
        except TooMany:
            return
        await self._alarm(row.org_id, "sign_in_throttled", {"operator_id": row.id}, {"address": address})

    async def _denied(self, given: Credentials) -> Exception:
        """Count a failure.  When the wider limits are reached meanwhile, the next try is told so, not this one."""
        for limit, who in ((ADDRESS, given.address), (ACCOUNT, given.email)):
            try:
                await self._throttle.hit(limit, who)
            except TooMany:
                pass
        return SignInDenied()

    async def _admit(self, seen: OperatorRow, step: int, kind: Kind) -> SignedIn | None:
        """Write the sign-in, unless the account changed or the code was used while Argon2 computed."""
        token, now = new_token(), self._clock.utc()
        async with self._store.transaction() as session:
            repository = OperatorRepository(session)
            row = await repository.by_id(seen.id)
            if (
                row is None
                or row.disabled
                or (row.password_hash, row.totp_enabled) != (seen.password_hash, seen.totp_enabled)
            ):
                return None
            if row.totp_enabled and not await repository.spend_totp_step(row.id, step):
                return None
            row.last_seen_utc = now
            await repository.add_sign_in(
                SignInRow(
                    id=new_id(), operator_id=row.id, token_sha256=fingerprint(token), kind=kind,
                    created_utc=now, last_seen_utc=now, ended_utc=None,
                )
            )  # fmt: skip
        return SignedIn(token, row.id)

    async def _verify_own(self, principal: Principal, password: str, address: str) -> None:
        await self._throttle.hit(ACCOUNT_AT_ADDRESS, principal.operator_id, address)
        row = await self.account(principal)
        if not await self._passwords.verify(row.password_hash, password):
            raise SignInDenied(N_("The password is wrong."))
        await self._throttle.clear(ACCOUNT_AT_ADDRESS, principal.operator_id, address)

    async def _store_password(self, operator_id: str, hashed: str) -> None:
        async with self._store.transaction() as session:
            row = await OperatorRepository(session).by_id(operator_id)
            if row is not None:
                row.password_hash = hashed

    def _secret_of(self, row: OperatorRow) -> str:
        assert row.totp_sealed is not None, "an account with a second factor has its secret"
        return self._keys.unseal(SEALED_FOR, row.totp_sealed, row.id).decode()
