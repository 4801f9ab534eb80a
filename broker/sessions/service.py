"""What happens in a session, written down: each method is one durable transaction on the organisation's chain.

Counterpart: the control plane (`broker.pairing`, `broker.agents`, `broker.relay`), which calls a method *before* it
tells an end anything, and sends what the method returns.  Steps are those of docs/protocol.md;
`broker.log.projections` holds the one table of states.  Every method that changes a session raises

    UnknownSession     no session has that id
    BadTransition      the session's state does not allow it
    SignatureRefused   the agent's signature does not hold

and then nothing was written.  Must never hold a key of a session, and never write personal data into an event.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from msgspec.structs import replace

from broker.clock import Clock, rfc3339
from broker.log import events
from broker.log.errors import ReceiptRefused, UnknownSession
from broker.log.events import ChainedEvent, EndedBy, LossReporter, instant
from broker.log.key import LogKey
from broker.log.moment import Moment
from broker.log.projections import SessionState, advance, closing_moment
from broker.log.writer import EventLog
from broker.sessions.change import SessionChange
from broker.sessions.model import Bandwidth, Customer, OpenSession, RequestedSession
from broker.sessions.repository import Kept, SessionRepository
from broker.store.engine import Store
from broker.suspicions.report import record_report
from protocol import codec, control, receipt
from protocol.text import b64url, sha256, unb64url

__all__ = ["Bandwidth", "Customer", "OpenSession", "RequestedSession", "SessionService"]

HEARTBEAT_SESSIONS = 500
"""Sessions in one heartbeat event: keeps an event's size bounded."""


class SessionService:
    """The session log as the control plane uses it.  One per process; safe to call from many tasks at once."""

    def __init__(self, store: Store, clock: Clock, key: LogKey, log: EventLog | None = None) -> None:
        self._store, self._key = store, key
        self._log = log or EventLog(store, clock)

    # From request to consent -----------------------------------------------------------------------------------------

    async def requested(self, session: RequestedSession) -> None:
        """Step 8: a right server part; commit before `PairOffer` goes out."""
        offer = codec.OFFER.read(session.offer)
        event = events.Requested(
            session_id=session.session_id,
            operator_id=session.operator_id,
            agent_id=session.agent_id,
            pk_agent=session.pk_agent,
            code_id=session.code_id,
            service=session.service,
            offer_sha256=b64url(sha256(session.offer)),
            terms_version=offer.terms_version,
            terms_sha256=offer.terms_sha256,
            wanted=offer.wanted,
            down_kbit=session.bandwidth.down_kbit,
            up_kbit=session.bandwidth.up_kbit,
            rtt_ms=session.bandwidth.rtt_ms,
            customer_id=session.customer_id,
            order_id=session.order_id,
            ticket_id=session.ticket_id,
            urgent=session.urgent,
            accepted=session.accepted,
        )
        personal = {
            "operator_name": session.operator_name,
            "offer": session.offer.decode(),
            "computer": session.customer.computer,
            "user": session.customer.user,
            "address": session.customer.address,
        }
        async with self._log.writing() as writer:
            appended = await writer.append(session.org_id, event, personal)
            view = advance(None, appended.recorded)
            assert view is not None
            await SessionRepository(writer.db).insert(session.org_id, appended.recorded.seq, view)

    async def paired(self, session_id: str) -> None:
        """Step 14: both ends said `PairOk`."""
        async with self._changing(session_id) as change:
            await change.append(events.Paired(session_id=session_id))

    async def consented(self, message: control.Receipt) -> control.ReceiptAck:
        """Steps 20–21: verify the receipt against the session's key and offer, commit, countersign.

        The answer goes to both ends.  The same receipt again gets the same answer.  A receipt before `paired` raises
        `BadTransition`: hold it until both `PairOk` came.  Raises `ReceiptRefused` when it does not fit the session.
        """
        async with self._changing(message.session_id) as change:
            body = unb64url(message.body)
            consent = receipt.Consent.read(body, message.sig, unb64url(change.view.pk_agent))
            requested = await change.requested()
            _check_consent(consent, message, requested)
            known = await change.find(events.Consented)
            if known is None:
                known = await change.append(
                    events.Consented(
                        session_id=message.session_id,
                        granted=message.granted,
                        lang=message.lang,
                        utc=message.utc,
                        body=message.body,
                        sig=message.sig,
                        receipt_sha256=receipt.receipt_sha256(body, message.sig),
                    )
                )
        return self._receipt_ack(known, receipt.receipt_sha256(body, message.sig))

    # Joined, lost, joined again --------------------------------------------------------------------------------------

    async def joined(self, session_id: str, g: int = 1) -> control.Joined:
        """Step 23: both ends are on the line of generation `g` and the customer agreed; time counts from now."""
        return await self._on_the_line(events.Joined(session_id=session_id, g=g))

    async def resumed(self, session_id: str, g: int) -> control.Joined:
        """Step 25: both ends are on the line of generation `g`, higher than the last; time counts again."""
        return await self._on_the_line(events.Resumed(session_id=session_id, g=g))

    async def paused(self, session_id: str, g: int, reporter: LossReporter, at_utc: datetime | None = None) -> bool:
        """Step 24: the line of generation `g` is lost, since `at_utc` (now, if None; never before it was joined).

        The first report counts.  Returns False, and writes nothing, for a repeated report, for a generation that has
        been replaced, and for a session that is not (or no longer) joined.
        """
        async with self._changing(session_id) as change:
            if change.view.state is not SessionState.JOINED or g != change.view.g:
                return False
            at = _earlier(change.now(), at_utc)
            await change.append(events.Paused(session_id=session_id, g=g, at=instant(at), reporter=reporter))
        return True

    async def heartbeat(self, session_ids: Collection[str]) -> frozenset[str]:
        """Every 10 s: these sessions are alive.  One event per organisation, one transaction in all.

        Returns the ids that were joined and so counted; the others are passed over.
        """
        if not session_ids:
            return frozenset()
        async with self._store.reading() as db:
            organisations = sorted({org_id for org_id, _ in await SessionRepository(db).joined(session_ids)})
        async with self._log.writing() as writer:
            for org_id in organisations:
                await writer.lock(org_id)
            sessions = SessionRepository(writer.db)
            found = await sessions.joined(session_ids) if organisations else []
            for org_id, group in groupby(found, itemgetter(0)):
                ids = [session_id for _, session_id in group]
                for start in range(0, len(ids), HEARTBEAT_SESSIONS):
                    some = tuple(ids[start : start + HEARTBEAT_SESSIONS])
                    appended = await writer.append(org_id, events.Heartbeat(sessions=some))
                    await sessions.beat(some, appended.recorded.moment)
        return frozenset(session_id for _, session_id in found)

    async def permission_changed(self, message: control.PermissionChanged) -> control.PermissionAck:
        """After step 23: the customer gave or took back a permission; the agent's signature is verified."""
        async with self._changing(message.session_id) as change:
            receipt.check(message, unb64url(change.view.pk_agent))
            appended = await change.append(
                events.PermissionChanged(
                    session_id=message.session_id, name=message.name, on=message.on, utc=message.utc, sig=message.sig
                )
            )
        seq = appended.recorded.seq
        return control.PermissionAck(session_id=message.session_id, name=message.name, on=message.on, seq=seq)

    async def note_bytes(self, session_id: str, g: int, up: int, down: int) -> None:
        """What the relay counted on one generation's line (agent → console is `up`).  Allowed after the end too."""
        async with self._changing(session_id) as change:
            await change.append(events.Traffic(session_id=session_id, g=g, up=up, down=down))

    # The end ---------------------------------------------------------------------------------------------------------

    async def ended(
        self, session_id: str, reason: control.EndReason, by: EndedBy = "broker", lost_utc: datetime | None = None
    ) -> control.Ended:
        """Step 29, not at the agent's word: the technician's request, a refusal, a failed pairing, a lost line.

        With reason `no_end_message` or `broker_lost` a joined session closes at its last heartbeat, with any other
        now, or when its line was lost (`lost_utc`) if no `paused` has said so; a paused one closed when its line was
        lost.  A session that has ended gives its first `Ended` again.
        """
        async with self._changing(session_id) as change:
            return await self._end(change, reason, by, lost_utc)

    async def ended_by_agent(self, message: control.End, lost_utc: datetime | None = None) -> control.Ended:
        """Steps 28–29: the agent's signed end.  Repeated, it gets the same answer.  `lost_utc` as in `ended`.

        The agent's own count is kept as evidence; what counts is computed from the broker's events.
        """
        async with self._changing(message.session_id) as change:
            receipt.check(message, unb64url(change.view.pk_agent))
            return await self._end(change, message.reason, "customer", lost_utc, message)

    async def ended_message(self, session_id: str) -> control.Ended | None:
        """The `Ended` of a session that has ended, for an end that asks late; None for an open one."""
        async with self._store.reading() as db:
            sessions = SessionRepository(db)
            kept = await sessions.find(session_id)
            if kept is None:
                raise UnknownSession
            seq = kept.view.ended_seq
            return None if seq is None else self._ended(await sessions.event(kept.org_id, seq))

    # Open sessions ---------------------------------------------------------------------------------------------------

    async def recover(self) -> Sequence[OpenSession]:
        """After a start: joined sessions become paused at their last heartbeat, unagreed ones end (`broker_lost`).

        Returns those that may still resume (`consented` or `paused`): within `limits.RESUME` they are resumed, or the
        control plane ends them with `no_end_message`.
        """
        for session in await self.open_sessions():
            async with self._changing(session.session_id) as change:
                if change.view.state is SessionState.JOINED:
                    at = change.view.alive or change.view.since
                    await change.append(
                        events.Paused(session_id=session.session_id, g=session.g, at=instant(at), reporter="broker")
                    )
                elif change.view.state in (SessionState.REQUESTED, SessionState.PAIRED):
                    await self._end(change, "broker_lost", "broker")
        return await self.open_sessions()

    async def open_sessions(self, org_id: str | None = None) -> Sequence[OpenSession]:
        """Sessions that have not ended, of one organisation or of all."""
        async with self._store.reading() as db:
            return [_open(kept) for kept in await SessionRepository(db).unended(org_id)]

    async def open_session(self, session_id: str) -> OpenSession | None:
        """One session, if it has not ended."""
        async with self._store.reading() as db:
            kept = await SessionRepository(db).find(session_id)
        return _open(kept) if kept and kept.view.state is not SessionState.ENDED else None

    # What administrators should see ----------------------------------------------------------------------------------

    async def suspicion(self, org_id: str, report: control.Suspicion, address: str) -> control.SuspicionAck:
        """Q12, from the program: kept with its session; administrators see it.  Repeated, it is kept once."""
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            session_id = report.session_id
            if session_id is not None and await SessionRepository(writer.db).find(session_id, org_id) is None:
                session_id = None
            personal = {"text": report.text, "address": address}
            await record_report(writer, org_id, report.report_id, "program", session_id, personal)
        return control.SuspicionAck(report_id=report.report_id)

    async def alert(
        self, org_id: str, kind: str, data: Mapping[str, str | int], personal: Mapping[str, str] | None = None,
        session_id: str | None = None,
    ) -> None:  # fmt: skip
        """Something that administrators should see (pairing rule 3): failed pairings, burns, throttled sign-ins.

        `kind` is a stable word; `personal` (a name, an address) goes to the side table, and the address is erased with
        the data of the session that it is about.
        """
        async with self._log.writing() as writer:
            await writer.append(org_id, events.Alert(alert=kind, data=dict(data), session_id=session_id), personal)

    # Inside ----------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _changing(self, session_id: str) -> AsyncIterator[SessionChange]:
        """One transaction in which this session is changed and nobody else appends to its chain."""
        async with self._store.reading() as db:
            org_id = await SessionRepository(db).organisation_of(session_id)
        if org_id is None:
            raise UnknownSession
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            kept = await SessionRepository(writer.db).find(session_id)
            if kept is None:
                raise UnknownSession
            yield SessionChange(writer, kept)

    async def _on_the_line(self, event: events.Joined | events.Resumed) -> control.Joined:
        async with self._changing(event.session_id) as change:
            appended = await change.append(event)
        return control.Joined(session_id=event.session_id, utc=rfc3339(appended.recorded.moment.utc))

    async def _end(
        self, change: SessionChange, reason: control.EndReason, by: EndedBy, lost_utc: datetime | None = None,
        claim: control.End | None = None,
    ) -> control.Ended:  # fmt: skip
        view = change.view
        if view.ended_seq is not None:
            return self._ended(await change.event(view.ended_seq))
        at = closing_moment(view, reason, change.now())
        if view.state is SessionState.JOINED:
            at = _earlier(at, lost_utc)
        draft = events.Ended(
            session_id=view.session_id,
            reason=reason,
            by=by,
            at=instant(at),
            connected_s=0,
            claimed_s=claim.connected_s if claim else None,
            claimed_utc=claim.utc if claim else None,
            claimed_sig=claim.sig if claim else None,
        )
        return self._ended(await change.append(replace(draft, connected_s=change.after(draft).connected_s)))

    def _receipt_ack(self, consented: ChainedEvent, receipt_sha256: str) -> control.ReceiptAck:
        event = consented.recorded.event
        assert isinstance(event, events.Consented)
        if event.receipt_sha256 != receipt_sha256:
            raise ReceiptRefused("another was accepted")
        message = control.ReceiptAck(
            session_id=event.session_id,
            receipt_sha256=event.receipt_sha256,
            seq=consented.recorded.seq,
            head=b64url(consented.head),
            utc=rfc3339(consented.recorded.moment.utc),
            sig="",
        )
        return receipt.signed(message, self._key.sign)

    def _ended(self, ended: ChainedEvent) -> control.Ended:
        event = ended.recorded.event
        assert isinstance(event, events.Ended)
        message = control.Ended(
            session_id=event.session_id,
            reason=event.reason,
            connected_s=event.connected_s,
            utc=event.at.utc,
            seq=ended.recorded.seq,
            head=b64url(ended.head),
            sig="",
        )
        return receipt.signed(message, self._key.sign)


def _check_consent(consent: receipt.Consent, message: control.Receipt, requested: events.Requested) -> None:
    """Raise `ReceiptRefused` unless the signed body says what the message says, about this session's own offer."""
    if consent.session_id != message.session_id:
        raise ReceiptRefused("another session")
    if b64url(consent.offer_sha256) != requested.offer_sha256:
        raise ReceiptRefused("another offer")
    if (consent.terms_version, b64url(consent.terms_sha256)) != (requested.terms_version, requested.terms_sha256):
        raise ReceiptRefused("other terms")
    if (consent.granted, consent.utc, consent.lang) != (message.granted, message.utc, message.lang):
        raise ReceiptRefused("the message differs from what was signed")
    granted = set(message.granted)
    if not granted or not granted <= set(requested.wanted) or len(granted) != len(message.granted):
        raise ReceiptRefused("what was granted is not a part of what was asked")


def _earlier(now: Moment, utc: datetime | None) -> Moment:
    """The moment at `utc`, if that is before `now`."""
    ago = max(timedelta(), now.utc - utc) if utc else timedelta()
    return Moment(now.utc - ago, now.mono_ms - ago // timedelta(milliseconds=1), now.boot)


def _open(kept: Kept) -> OpenSession:
    view = kept.view
    return OpenSession(
        session_id=view.session_id,
        org_id=kept.org_id,
        operator_id=view.operator_id,
        agent_id=view.agent_id,
        pk_agent=view.pk_agent,
        service=view.service,
        state=view.state,
        g=view.g,
        granted=view.granted,
        since=view.since,
    )
