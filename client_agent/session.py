"""One session at the customer's end: prompt, receipt, line, permissions, pause, resumption, end (steps 15–29).

Counterparts: the console's session at the other end, the broker's `sessions/live.py`.  States and deadlines are
`protocol.session`'s.  Must never grab or inject before the countersigned receipt, and never wait at an end.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from client_agent import events as ev
from client_agent.agreement import Agreement
from client_agent.dataline import DataLine, HandshakeFailed
from client_agent.desktop import Backends, Desktop
from client_agent.errors import CaptureUnavailable, StateUnreadable
from client_agent.failures import Failure
from client_agent.identity import Identity, utc_text
from client_agent.link import Lines
from client_agent.meter import Meter
from client_agent.permissions import Permissions
from client_agent.tasks import Tasks
from protocol import control, inner, inner_codec, limits, receipt
from protocol.control import EndReason, Permission
from protocol.errors import BadTransition, ProtocolError, SignatureRefused, TicketRefused
from protocol.inner import Lane
from protocol.lanes import Frame, Inbox, LaneScheduler
from protocol.offer import Offer
from protocol.pairing import SessionKeys
from protocol.session import Event, Session, State

LOOK = 1.0
"""Seconds between two looks at the clock."""
RETRY_LINE = 1.0
"""Seconds before another line is asked for after a handshake that failed."""
INACTIVITY_AT_LEAST, INACTIVITY_AT_MOST = 60, 24 * 3600
"""Seconds: the agent clamps what the broker asks (pairing rule 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a session uses of the agent."""

    identity: Identity
    lines: Lines
    log_key: bytes | None
    """The broker's, 32 bytes; None: countersignatures cannot be checked (a trial without a build file)."""
    backends: Backends
    guard: ev.WindowGuard
    tasks: Tasks
    clock: Callable[[], float]
    utc: Callable[[], datetime]
    emit: Callable[[ev.Event], None]
    post: Callable[[control.AgentToBroker], None]
    """To the broker; lost when there is no control line."""
    over: Callable[["CustomerSession"], None]
    """Called once, when the session has ended here."""


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
        self._inbox, self._lanes = Inbox(), LaneScheduler()
        self._line: DataLine | None = None
        self._line_task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self.desktop = Desktop(
            around.backends, around.guard, around.clock, up_kbit, self._from_capture, self._capture_failed
        )
        self._grant_delivered = False
        self._receipt_file: Path | None = None
        self._screen_acked = 0
        self._active_at = now
        self._broker_lost_at: float | None = None
        self._meter = Meter(now)
        self._timer = around.tasks.start(self._watch(), "session clock")
        around.identity.session_open(self.id, 0)
        deadline = self._machine.deadline()
        assert deadline is not None
        around.emit(ev.ConsentAsked(session_id=self.id, offer=offer, deadline=deadline[0]))

    @property
    def ended(self) -> bool:
        """Whether it is over, for good."""
        return self._machine.state is State.ENDED

    # What the customer does ------------------------------------------------------------------------------------------

    def consent(self, granted: frozenset[Permission], lang: Literal["es", "en"]) -> None:
        """Step 20: sign and send; nothing is allowed before the broker's countersignature."""
        if self._machine.state not in (State.PAIRED, State.CONNECTED) or self._agreement.sent is not None:
            return
        granted &= frozenset(self._offer.wanted)
        if "view" not in granted:
            self.refuse("refused")
            return
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

    def set_permission(self, name: Permission, on: bool) -> None:
        """A click: off acts before this returns, on when the broker has it in the log."""
        if self._agreement.acked is None or self.ended or not self._permissions.change(name, on):
            return
        if not on:
            self._apply()
            self._say(inner.PermissionSet(name=name, on=False))
            if name == "view":
                self.desktop.pacer.taken_back(self._lanes.drop_waiting(Lane.SCREEN))
                self._say(inner.Paused(reason="view_off"))
        self._tell_permission(name, on)
        self._permissions_now()

    def _tell_permission(self, name: Permission, on: bool) -> None:
        changed = control.PermissionChanged(
            session_id=self.id, name=name, on=on, utc=utc_text(self._around.utc()), sig=""
        )
        self._around.post(receipt.signed(changed, self._around.identity.sign))

    def _permissions_now(self) -> None:
        self._around.emit(ev.PermissionsNow(granted=self._permissions.granted, pending=self._permissions.pending))

    def _apply(self) -> None:
        live = self._machine.state is State.LIVE
        self.desktop.allow(self._permissions.granted if live else frozenset())

    # What the broker says --------------------------------------------------------------------------------------------

    def told(self, message: control.BrokerToAgent) -> None:
        """A message about this session."""
        match message:
            case control.Ticket():
                self._ticket(message)
            case control.ReceiptAck():
                self._receipt_acked(message)
            case control.PermissionAck():
                if self._permissions.recorded(message.name, message.on):
                    self._apply()
                    self.desktop.whole_picture(new_line=False)
                    self._say(inner.PermissionSet(name=message.name, on=True))
                self._permissions_now()
            case control.PairAbort():
                if not self._agreement.acked:  # nobody is there any more for whom the customer could agree
                    self.end("pairing_failed")
            case control.Ended():
                self.end(message.reason, told=False)
            case control.ResumeDenied():
                self.end("line_lost")
            case control.Failure(reason="unknown_session"):
                self.end("broker_lost")
            case _:
                pass

    def broker_lost(self) -> None:
        """The control line is gone; without it the session lasts for `limits.RESUME` at most."""
        if self._broker_lost_at is None:
            self._broker_lost_at = self._around.clock()

    def broker_back(self) -> None:
        """There is a control line again: tell what it may have missed."""
        self._broker_lost_at = None
        if self._agreement.sent is not None and self._agreement.waiting:
            self._around.post(self._agreement.sent)
        for name, on in self._permissions.forget_unrecorded():
            self._tell_permission(name, on)
        if self._line is None and self._line_task is None:
            self._ask_for_line()

    def _receipt_acked(self, ack: control.ReceiptAck) -> None:
        if not self._agreement.waiting or self.ended:
            return
        try:
            self._agreement.countersigned(ack)
        except ProtocolError:
            self.end("integrity")
            return
        with suppress(StateUnreadable):  # the broker has it; the session need not fail for the copy
            self._receipt_file = self._around.identity.keep_receipt(self.id, self._agreement.kept())
        self._permissions.consent(self._agreement.granted)
        self._machine.fire(Event.CONSENT, self._around.clock())
        if self._machine.state is State.LIVE:
            self._go_live()

    # The line --------------------------------------------------------------------------------------------------------

    def _ticket(self, ticket: control.Ticket) -> None:
        if ticket.g <= self._machine.last_g:
            return
        try:
            if self._line is not None:
                self._line_down(self._line.g)
            self._machine.use_generation(ticket.g)
        except (TicketRefused, BadTransition):
            return
        if self._line_task is not None:
            self._line_task.cancel()
        self._line_task = self._around.tasks.start(self._run_line(ticket), "data line")

    async def _run_line(self, ticket: control.Ticket) -> None:
        line = DataLine(ticket, self._keys, self._inbox, self._lanes, self._take)
        try:
            await line.run(self._around.lines, self._line_ready)
        except HandshakeFailed:
            await asyncio.sleep(RETRY_LINE)
        except ProtocolError:
            self.end("integrity")
        finally:
            if self._line_task is asyncio.current_task():
                self._line_task = None
        if self.ended or ticket.g != self._machine.last_g:
            return
        if self._line is line:
            self._line_down(ticket.g)
        self._ask_for_line()

    def _ask_for_line(self) -> None:
        self._around.post(control.ResumeRequest(session_id=self.id, last_g=self._machine.last_g))

    def _line_ready(self, line: DataLine, first: inner.Ready) -> None:
        """Step 18: the console's first record came."""
        if self.ended:
            line.drop()
            return
        now = self._around.clock()
        resumed = self._machine.state is State.PAUSED
        self._lanes.offer(
            Lane.CONTROL,
            inner_codec.to_bytes(
                inner.Ready(g=line.g, acks=self._inbox.last, granted=tuple(sorted(self._permissions.granted)))
            ),
        )
        self._lanes.joined(first.acks)
        self._line = line
        self._screen_acked = 0
        self._meter.new_line()
        self._machine.fire(Event.LINE_UP, now)
        if resumed:
            self._restore_grant()
            self._around.emit(ev.Resumed(since=now - self._machine.connected_s(now)))
            self.desktop.whole_picture(new_line=True)
            self._apply()
        elif self._machine.state is State.LIVE:
            self._go_live()
        line.wake()

    def _restore_grant(self) -> None:
        """A grant that may have been lost with the line goes again, and what was taken back since."""
        if not self._grant_delivered:
            self._say(self._agreement.grant())
            for name in self._agreement.granted - self._permissions.granted:
                self._say(inner.PermissionSet(name=name, on=False))

    def _line_down(self, g: int) -> None:
        """Step 24: first the desktop, then the words."""
        self.desktop.pause()
        line, self._line = self._line, None
        if line is not None:
            line.drop()
        self._lanes.lost()
        self._around.post(control.ChannelDown(session_id=self.id, g=g))
        was_live = self._machine.state is State.LIVE
        self._machine.fire(Event.LINE_DOWN, self._around.clock())
        if was_live:
            deadline = self._machine.deadline()
            assert deadline is not None
            self._around.emit(ev.Paused(deadline=deadline[0]))

    def _go_live(self) -> None:
        """Step 22: both the countersignature and the line are here."""
        self._say(self._agreement.grant())
        now = self._active_at = self._around.clock()
        self._around.emit(
            ev.Live(
                session_id=self.id,
                operator_name=self._offer.operator_name,
                org_name=self._offer.org_name,
                service=self._offer.service,
                granted=self._permissions.granted,
                since=now,
            )
        )
        try:
            self.desktop.start()
        except CaptureUnavailable as failure:
            self._no_picture(failure)
            return
        self._apply()

    # Inside the channel ----------------------------------------------------------------------------------------------

    def _say(self, message: inner.Inner) -> None:
        """Into the control lane, if there is a line."""
        if self._line is not None:
            self._lanes.offer(Lane.CONTROL, inner_codec.to_bytes(message))
            self._line.wake()

    def _from_capture(self, lane: Lane, data: bytes) -> None:
        """Capture thread → loop."""
        with suppress(RuntimeError):  # the loop is closed: the program ends
            self._loop.call_soon_threadsafe(self._offer_picture, lane, data)

    def _offer_picture(self, lane: Lane, data: bytes) -> None:
        if self._line is not None and self.desktop.gate.view:
            self._lanes.offer(lane, data)
            self._line.wake()

    def _capture_failed(self, failure: CaptureUnavailable) -> None:
        """Capture thread → loop."""
        self._loop.call_soon_threadsafe(self._no_picture, failure)

    def _no_picture(self, failure: CaptureUnavailable) -> None:
        if not self.ended:
            self._say(inner.Paused(reason="capture_failed"))
            self._around.emit(ev.Failed(failure=Failure(kind=failure.kind, detail=failure.reason)))

    def _take(self, message: inner.ConsoleToAgent, frame: Frame) -> None:
        """A message of the technician's."""
        match message:
            case inner.Ack():
                self._lanes.acked(Lane(message.lane), message.number)
                if message.lane == Lane.SCREEN:
                    self._drawn(message.number)
            case inner.Goodbye():
                self.end("technician")
            case inner.Ping():
                self._say(inner.Pong(nonce=message.nonce))
            case inner.Sync():
                self._sync(message.nonce)
            case inner.Pong():
                self._meter.pong(message, self._around.clock())
            case inner.Refresh():
                self.desktop.whole_picture(new_line=False)
            case inner.ReleaseAll():
                self.desktop.release()
            case inner.Ready():
                raise SignatureRefused("a second ready")
            case _:
                self._active_at = self._around.clock()
                if self._machine.state is State.LIVE:
                    self.desktop.give(message)
        if self._line is not None:
            self._line.wake()

    def _sync(self, nonce: int) -> None:
        """The answer stands behind the input before it: who has it knows that what they typed has arrived."""

        def answer() -> None:
            with suppress(RuntimeError):  # the loop is closed: the program ends
                self._loop.call_soon_threadsafe(self._say, inner.Synced(nonce=nonce))

        self.desktop.after_input(answer)

    def _drawn(self, number: int) -> None:
        """Numbers run over all lines, so the first acknowledgement on a line counts from the line's first picture."""
        self._grant_delivered = True
        first = self._line.first_screen if self._line else None
        before = max(self._screen_acked, (first or number) - 1)
        if number > before:
            self.desktop.drawn(number - before)
            self._screen_acked = number

    # Time ------------------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Deadlines, pings, the meter and the mark that survives a kill; ends with the session."""
        beat = self._around.clock()
        while not self.ended:
            await asyncio.sleep(min(LOOK, max(0.01, self._next_deadline() - self._around.clock())))
            now = self._around.clock()
            self._check_deadlines(now)
            if self._line is not None and (ping := self._meter.ping(now)) is not None:
                self._say(ping)
            if self._machine.state is not State.LIVE:
                continue
            if (figures := self._meter.read(now, *self.desktop.counts())) is not None:
                self._around.emit(figures)
            if now - beat >= limits.HEARTBEAT:
                beat = now
                self._around.identity.session_open(self.id, int(self._machine.connected_s(now)))

    def _next_deadline(self) -> float:
        deadline = self._machine.deadline()
        return deadline[0] if deadline else self._around.clock() + LOOK

    def _check_deadlines(self, now: float) -> None:
        deadline = self._machine.deadline()
        if deadline is not None and now >= deadline[0] and not self._agreement.waiting:
            if deadline[1] == "consent_timeout":
                self.refuse("consent_timeout")
            else:
                self.end(deadline[1])
        elif self._broker_lost_at is not None and now - self._broker_lost_at >= limits.RESUME:
            self.end("broker_lost")
        elif self._machine.state is State.LIVE and now - self._last_activity() >= self._inactivity():
            self.end("inactivity")

    def _last_activity(self) -> float:
        """The technician's input, or the customer's pointer."""
        return max(self._active_at, self.desktop.pointer_moved_at() or 0.0)

    def _inactivity(self) -> float:
        return float(max(INACTIVITY_AT_LEAST, min(self._offer.inactivity_s, INACTIVITY_AT_MOST)))

    # End -------------------------------------------------------------------------------------------------------------

    def end(self, reason: EndReason, told: bool = True, farewell: inner.Inner | None = None) -> None:
        """Step 26: first and locally.  `told`: the broker has to be told (it did not end it itself).

        Capture and input are off when this returns, whatever network, broker or console do.
        """
        if self.ended:
            return
        self.desktop.stop()
        self._keys.erase()
        now = self._around.clock()
        connected = int(self._machine.connected_s(now))
        self._machine.end(reason, now)
        line, self._line = self._line, None
        last = None
        if line is not None:
            self._lanes.lost()
            self._lanes.offer(Lane.CONTROL, inner_codec.to_bytes(farewell or inner.Goodbye(reason=reason)))
            last = line.farewell(self._lanes.next_record())
        self._around.emit(
            ev.Ended(session_id=self.id, reason=reason, connected_s=connected, receipt=self._receipt_file)
        )
        message = control.End(
            session_id=self.id, reason=reason, utc=utc_text(self._around.utc()), connected_s=connected, sig=""
        )
        end = receipt.signed(message, self._around.identity.sign) if told else None
        self._around.tasks.start(self._leave(line, last), "session end")
        try:
            self._around.identity.session_ended(self.id, end)
        finally:
            if end is not None:
                self._around.post(end)
            self._timer.cancel()

    async def _leave(self, line: DataLine | None, last: bytes | None) -> None:
        """Steps 27 and 30: the farewell, then wait until the threads are gone."""
        try:
            if line is not None:
                await line.close(last)
            if self._line_task is not None:
                self._line_task.cancel()
            await self.desktop.stopped()
        finally:
            self._around.over(self)
