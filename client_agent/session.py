"""One session at the customer's end: prompt, receipt, line, permissions, pause, resumption, end (steps 15–29).

Counterparts: the console's session at the other end, the broker's `sessions/live.py`.  States and deadlines are
`protocol.session`'s.  Must never grab or inject before the countersigned receipt, and never wait at an end.
"""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Literal

from client_agent import events as ev
from client_agent.agreement import Agreement
from client_agent.deadlines import Deadlines
from client_agent.desktop import Desktop
from client_agent.errors import CaptureUnavailable, LinkFailure, StateUnreadable
from client_agent.failures import Failure
from client_agent.identity import utc_text
from client_agent.meter import Meter, cost
from client_agent.permissions import Permissions
from client_agent.session_line import SessionLine
from client_agent.surroundings import Surroundings
from protocol import control, inner, limits, receipt
from protocol.control import EndReason, Permission
from protocol.errors import ProtocolError, SignatureRefused
from protocol.inner import Lane
from protocol.lanes import Frame
from protocol.offer import Offer
from protocol.pairing import SessionKeys
from protocol.session import Event, Session, State

log = logging.getLogger(__name__)


class CustomerSession:
    """From the proved password on.  All methods run in the loop's thread."""

    def __init__(self, around: Surroundings, keys: SessionKeys, offer: Offer, offer_bytes: bytes, up_kbit: int) -> None:
        self._around, self._keys, self._offer = around, keys, offer
        self._agreement = Agreement(keys, offer, offer_bytes, around.log_key)
        self.id = keys.session_id
        now = around.clock()
        self._machine = Session(now)
        self._machine.fire(Event.EXCHANGE, now)
        self._machine.fire(Event.AGREED, now)
        self._permissions = Permissions(offer.wanted)
        self._line = SessionLine(self, self._machine, keys, around.lines, around.tasks)
        self._loop = asyncio.get_running_loop()
        self.desktop = Desktop(
            around.backends, around.guard, around.clock, up_kbit, self._from_capture, self._capture_failed
        )
        self._grant_delivered = False
        self._unread = False
        """Whether the screen could not be read when it was last tried."""
        self._receipt_file: Path | None = None
        self._in_force = False
        """Whether the consent is: the acknowledged receipt is on this computer's disk."""
        self._deadlines = Deadlines(self._machine, offer.inactivity_s, now)
        self._meter = Meter(now)
        self._timer = around.tasks.start(self._watch(), "session clock")
        around.identity.session_open(self.id)
        deadline = self._machine.deadline()
        assert deadline is not None
        around.emit(ev.ConsentAsked(session_id=self.id, offer=offer, deadline=deadline[0]))

    @property
    def ended(self) -> bool:
        """Whether it is over, for good."""
        return self._machine.state is State.ENDED

    @property
    def agreed(self) -> ev.Agreed | None:
        """What the customer agreed to, once it is in force."""
        sent = self._agreement.sent
        if sent is None or not self._in_force:
            return None
        return ev.Agreed(offer=self._offer, granted=self._agreement.granted, utc=sent.utc, language=sent.lang)

    @property
    def _agreeing(self) -> bool:
        """Whether the customer has agreed and it is not in force yet."""
        return self._agreement.sent is not None and not self._in_force

    # What the customer does ------------------------------------------------------------------------------------------

    def consent(
        self, granted: frozenset[Permission], lang: Literal["es", "en"], limit_minutes: int | None = None
    ) -> None:
        """Step 20: sign and send; nothing is allowed before the broker's countersignature."""
        if self._machine.state not in (State.PAIRED, State.CONNECTED) or self._agreement.sent is not None:
            return
        granted &= frozenset(self._offer.wanted)
        if "view" not in granted:
            self.refuse("refused")
            return
        self._deadlines.limit(limit_minutes, self._around.clock())
        utc = utc_text(self._around.utc())
        self._around.post(self._agreement.consent(granted, utc, lang, self._around.identity.sign))
        self._around.tasks.start(self._await_receipt_ack(), "receipt")

    async def _await_receipt_ack(self) -> None:
        await asyncio.sleep(limits.RECEIPT_ACK)
        if self._agreement.waiting:
            self.end("receipt_timeout")

    def refuse(self, reason: Literal["refused", "consent_timeout"]) -> None:
        """Step 19: no, or nothing."""
        if self.ended or self._agreement.acked is not None:
            return
        self._around.post(control.Refused(session_id=self.id, reason=reason))
        self.end(reason, farewell=inner.Refusal(reason=reason))

    def go_on(self, limit_minutes: int | None) -> None:
        """The customer's yes at their limit, in time."""
        if self._deadlines.asking:
            self._deadlines.limit(limit_minutes, self._around.clock())

    def set_permission(self, name: Permission, on: bool) -> None:
        """A click: off acts before this returns, on when the broker has it in the log."""
        if on and name in self.desktop.withheld:
            return
        if not self._in_force or self.ended or not self._permissions.change(name, on):
            return
        if not on:
            self._apply()
            self._line.say(inner.PermissionSet(name=name, on=False))
            if name == "view":
                self.desktop.pacer.taken_back(self._line.drop_waiting(Lane.SCREEN))
                self._line.say(inner.Paused(reason="view_off"))
        self._tell_permission(name, on)
        self._permissions_now()

    def _tell_permission(self, name: Permission, on: bool) -> None:
        changed = control.PermissionChanged(
            session_id=self.id, name=name, on=on, utc=utc_text(self._around.utc()), sig=""
        )
        self._around.post(receipt.signed(changed, self._around.identity.sign))

    def _permissions_now(self) -> None:
        stand = self._permissions
        self._around.emit(
            ev.PermissionsNow(granted=stand.granted, pending=stand.pending, withheld=self.desktop.withheld)
        )

    def _apply(self) -> None:
        live = self._machine.state is State.LIVE
        self.desktop.allow(self._permissions.granted if live else frozenset())

    # What the broker says --------------------------------------------------------------------------------------------

    def told(self, message: control.BrokerToAgent) -> None:
        """A message about this session."""
        match message:
            case control.Ticket():
                self._line.ticket(message)
            case control.ReceiptAck():
                self._receipt_acked(message)
            case control.PermissionAck():
                if self._permissions.recorded(message.name, message.on):
                    self._apply()
                    self.desktop.whole_picture(new_line=False)
                    self._line.say(inner.PermissionSet(name=message.name, on=True))
                self._permissions_now()
            case control.PairAbort():
                if not self._agreement.acked:  # nobody is there any more for whom the customer could agree
                    self.end("pairing_failed")
            case control.Ended():
                self.end(message.reason, told=False)
            case control.Meter():
                self._around.emit(cost(message))
            case control.ResumeDenied():
                self.end("line_lost")
            case control.Failure(reason="unknown_session"):
                self.end("broker_lost")
            case _:
                pass

    def broker_lost(self) -> None:
        """The control line is gone."""
        self._deadlines.broker_lost(self._around.clock())

    def broker_back(self) -> None:
        """There is a control line again: tell what it may have missed."""
        self._deadlines.broker_back()
        if self._agreement.sent is not None and self._agreement.waiting:
            self._around.post(self._agreement.sent)
        for name, on in self._permissions.forget_unrecorded():
            self._tell_permission(name, on)
        if not self._line.coming:
            self.want_line()

    def _receipt_acked(self, ack: control.ReceiptAck) -> None:
        if not self._agreement.waiting or self.ended:
            return
        try:
            self._agreement.countersigned(ack)
        except ProtocolError:
            self.end("integrity")
            return
        self._receipt_file = self._around.identity.receipt(self.id)
        self._around.tasks.start(self._begin(), "receipt on disk")

    async def _begin(self) -> None:
        """The acknowledged receipt is on disk before anything is in force; a slow disk holds up nothing else."""
        try:
            await self._around.identity.keep_receipt(self.id, self._agreement.kept())
        except StateUnreadable as error:  # the broker has it; the session need not fail for the copy
            log.error("%s", error)
            self._receipt_file = None
        if self.ended:
            return
        self._in_force = True
        self._permissions.consent(self._agreement.granted)
        self._machine.fire(Event.CONSENT, self._around.clock())
        if self._machine.state is State.LIVE:
            self._go_live()

    # The line --------------------------------------------------------------------------------------------------------

    def granted(self) -> frozenset[Permission]:
        """See `session_line.Owner`."""
        return self._permissions.granted

    def want_line(self) -> None:
        """See `session_line.Owner`."""
        self._around.post(control.ResumeRequest(session_id=self.id, last_g=self._machine.last_g))

    def line_refused(self, failure: LinkFailure) -> None:
        """See `session_line.Owner`.  The page of the end says which failure it was (Q14)."""
        if not self.ended:
            self._around.emit(ev.Failed(failure=failure.failure(None)))
            self.end("line_lost")

    def line_broken(self) -> None:
        """See `session_line.Owner`."""
        self.end("integrity")

    def line_up(self) -> None:
        """See `session_line.Owner`."""
        now, resumed = self._around.clock(), self._machine.state is State.PAUSED
        self._meter.new_line()
        self._machine.fire(Event.LINE_UP, now)
        if resumed:
            self._restore_grant()
            self._around.emit(ev.Resumed(since=now - self._machine.connected_s(now)))
            self.desktop.whole_picture(new_line=True)
            if self._unread:
                self._tell_unread()
            self._apply()
        elif self._machine.state is State.LIVE:
            self._go_live()

    def _restore_grant(self) -> None:
        """A grant that may have been lost with the line goes again, and what was taken back since."""
        if not self._grant_delivered:
            self._line.say(self._agreement.grant())
            for name in self._agreement.granted - self._permissions.granted:
                self._line.say(inner.PermissionSet(name=name, on=False))

    def line_down(self, g: int) -> None:
        """Step 24: first the desktop, then the words."""
        self.desktop.pause()
        self._line.drop()
        self._around.post(control.ChannelDown(session_id=self.id, g=g))
        was_live = self._machine.state is State.LIVE
        self._machine.fire(Event.LINE_DOWN, self._around.clock())
        if was_live:
            deadline = self._machine.deadline()
            assert deadline is not None
            self._around.emit(ev.Paused(deadline=deadline[0]))

    def _go_live(self) -> None:
        """Step 22: both the countersignature and the line are here."""
        self._line.say(self._agreement.grant())
        self._deadlines.active(now := self._around.clock())
        offer, granted = self._offer, self._permissions.granted
        live = ev.Live(
            session_id=self.id, operator_name=offer.operator_name, org_name=offer.org_name, service=offer.service,
            granted=granted, since=now,
        )  # fmt: skip
        self._around.emit(live)
        try:
            self.desktop.start()
        except CaptureUnavailable as failure:
            self._no_picture(failure)
            return
        self._apply()

    # Inside the channel ----------------------------------------------------------------------------------------------

    def _from_capture(self, lane: Lane, data: bytes) -> None:
        """Capture thread → loop."""
        with suppress(RuntimeError):  # the loop is closed: the program ends
            self._loop.call_soon_threadsafe(self._offer_picture, lane, data)

    def _offer_picture(self, lane: Lane, data: bytes) -> None:
        if self.desktop.gate.view:
            self._line.offer(lane, data)
            if self._unread and lane is Lane.SCREEN:
                self._unread = False
                self._around.emit(ev.PictureNow(failure=None))
        elif lane is Lane.SCREEN:
            self.desktop.pacer.taken_back(1)

    def _capture_failed(self, failure: CaptureUnavailable) -> None:
        """Capture thread → loop."""
        with suppress(RuntimeError):  # the loop is closed: the program ends
            self._loop.call_soon_threadsafe(self._no_picture, failure)

    def _no_picture(self, failure: CaptureUnavailable) -> None:
        if not self.ended:
            told = Failure(kind=failure.kind, detail=failure.reason)
            if failure.by_customer:
                self.end("customer", because=told)
                return
            self._unread = True
            # What waits is of a desktop that is gone: behind the word it would look like one that is back.
            self.desktop.pacer.taken_back(self._line.drop_waiting(Lane.SCREEN))
            self._tell_unread()
            self._around.emit(ev.PictureNow(failure=told))

    def _tell_unread(self) -> None:
        self._line.say(inner.Paused(reason="capture_failed"))

    def take(self, message: inner.ConsoleToAgent, frame: Frame) -> None:
        """See `session_line.Owner`."""
        match message:
            case inner.Ack():
                self._grant_delivered = self._grant_delivered or message.lane == Lane.SCREEN
                if drawn := self._line.acked(message):
                    self.desktop.drawn(drawn, message.ms / 1000)
            case inner.Goodbye():
                self.end("technician")
            case inner.Ping():
                self._line.say(inner.Pong(nonce=message.nonce))
            case inner.Sync():
                self._sync(message.nonce)
            case inner.Pong():
                self._meter.pong(message, self._around.clock())
            case inner.Refresh():
                self.desktop.whole_picture(new_line=False)
            case inner.ReleaseAll():
                self.desktop.release()
            case inner.Decodes():
                self.desktop.decodes(message.video)
            case inner.Ready():
                raise SignatureRefused("a second ready")
            case _:
                self._deadlines.active(self._around.clock())
                if self._machine.state is State.LIVE:
                    self.desktop.give(message)
        self._line.heard()

    def _sync(self, nonce: int) -> None:
        """The answer stands behind the input before it: who has it knows that what they typed has arrived."""

        def answer() -> None:
            with suppress(RuntimeError):  # the loop is closed: the program ends
                self._loop.call_soon_threadsafe(self._line.say, inner.Synced(nonce=nonce))

        self.desktop.after_input(answer)

    # Time ------------------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Deadlines, pings, the meter and the mark that survives a kill; ends with the session."""
        beat = self._around.clock()
        while not self.ended:
            await asyncio.sleep(self._deadlines.next_look(self._around.clock()))
            now = self._around.clock()
            self._deadlines.active(self.desktop.pointer_moved_at() or 0.0)
            if (reason := self._deadlines.due(now, self._agreeing)) == "consent_timeout":
                self.refuse("consent_timeout")
            elif reason is not None:
                self.end(reason)
            for name in self.desktop.withheld:
                self.set_permission(name, False)
            if self._line.up and (ping := self._meter.ping(now)) is not None:
                self._line.say(ping)
            if self._machine.state is not State.LIVE:
                continue
            if (answer_by := self._deadlines.limit_reached(now)) is not None:
                self._around.emit(ev.LimitReached(session_id=self.id, deadline=answer_by))
            if (figures := self._meter.read(now, *self.desktop.counts())) is not None:
                self._around.emit(figures)
            if now - beat >= limits.HEARTBEAT:
                beat = now
                self._around.identity.session_lives(self.id, int(self._machine.connected_s(now)))

    # End -------------------------------------------------------------------------------------------------------------

    def end(
        self, reason: EndReason, told: bool = True, farewell: inner.Inner | None = None, because: Failure | None = None
    ) -> None:
        """Step 26: first and locally.  `told`: the broker has to be told (it did not end it itself).  `because`: what
        says more to the customer than the reason.

        Capture and input are off when this returns, whatever network, broker or console do.
        """
        if self.ended:
            return
        self.desktop.stop()
        self._keys.erase()
        now = self._around.clock()
        connected = int(self._machine.connected_s(now))
        self._machine.end(reason, now)
        self._line.farewell(farewell or inner.Goodbye(reason=reason))
        kept, agreed = self._receipt_file, self.agreed
        over = ev.Ended(
            session_id=self.id, reason=reason, connected_s=connected, receipt=kept, agreed=agreed, failure=because
        )
        self._around.emit(over)
        message = control.End(
            session_id=self.id, reason=reason, utc=utc_text(self._around.utc()), connected_s=connected, sig=""
        )
        end = receipt.signed(message, self._around.identity.sign) if told else None
        self._around.tasks.start(self._leave(), "session end")
        try:
            self._around.identity.session_ended(self.id, end)
        finally:
            if end is not None:
                self._around.post(end)
            self._timer.cancel()

    async def _leave(self) -> None:
        """Steps 27 and 30: the farewell, then wait until the threads are gone."""
        try:
            await self._line.close()
            await self.desktop.stopped()
        finally:
            self._around.over(self)
