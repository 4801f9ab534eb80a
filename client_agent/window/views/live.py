"""A technician is connected: who, what they may do now, for how long. Disconnect is the window's own."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from client_agent import wording
from client_agent.events import MeterNow, SetPermission
from client_agent.i18n import Words
from client_agent.window import icons
from client_agent.window.view_model import ScreenState, Session
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Box, Choice, Label, Look, Mood, Notice, Picture
from protocol.control import Permission


class LivePage(Page):
    """What is going on, and a switch for each thing that is allowed."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._status = Notice(look, "bad")
        self.column.addWidget(self._status)
        card = Box(margin=16)
        self._who, self._of, self._time = (
            Label("", 1.2, bold=True),
            Label("muted"),
            Label("", 1.7, bold=True, wrap=False),
        )
        self._face, self._counts = Picture(look, 40), Label("muted", 0.85, wrap=False)
        top = QHBoxLayout()
        top.setSpacing(12)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._who)
        names.addWidget(self._of)
        top.addWidget(self._face, 0, Qt.AlignmentFlag.AlignTop)
        names.addStretch(1)
        top.addLayout(names, 1)
        times = QVBoxLayout()
        times.setSpacing(0)
        for label in (self._time, self._counts):
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            times.addWidget(label)
        top.addLayout(times)
        card.column.addLayout(top)
        self.column.addWidget(card)
        self._cost, self._allow = Label(), Label("muted")
        card.column.addWidget(self._cost)
        self.column.addWidget(self._allow)
        self._switches: dict[Permission, Choice] = {"view": Choice(look, "switch"), "control": Choice(look, "switch")}
        for name, switch in self._switches.items():
            self.column.addWidget(switch)
            switch.toggled.connect(lambda on, name=name: self.send(SetPermission(name=name, on=on)))
        self._meter = Label("muted", 0.9)
        self.column.addWidget(self._meter)
        self.column.addStretch(1)

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        session = state.session
        if session is None:
            return
        live = session.live
        self.head(_("A technician is connected"))
        self._status.say(*self._say(session, _))
        self._face.draw("person", "danger")
        self._who.setText(wording.plain(live.operator_name) or _("(no name)"))
        self._of.setText(f"{wording.plain(live.org_name)} · {wording.plain(live.service)}")
        self._counts.setText(_("so far") if session.paused_until is None else _("paused"))
        self._cost.setText(wording.cost_line(session.cost, _) if session.cost else "")
        self._cost.setVisible(session.cost is not None)
        self._allow.setText(_("Allowed now. Switch off what you do not want:"))
        for name, switch in self._switches.items():
            self._draw_switch(name, switch, session, _)
        self._meter.setText(self._meter_words(session.meter, _))

    def tick(self, state: ScreenState, _: Words, now: float) -> None:
        """The running time; while paused, the time until the end."""
        session = state.session
        if session is None:
            return
        if session.paused_until is None:
            self._time.setText(wording.running(now - session.since, _))
        else:
            left = wording.clock(session.paused_until - now)
            text = _("The line was lost. Nobody sees your screen. Reconnecting by itself: {time} left.", time=left)
            self._status.say(text, "pause", "warn_text", "warn")

    @staticmethod
    def _say(session: Session, _: Words) -> tuple[str, icons.Name, str, Mood]:
        if session.unread:
            return wording.unread(session.live.operator_name, _), "warning", "warn_text", "warn"
        name = wording.plain(session.live.operator_name) or _("The technician")
        text = _("{name} {can}.", name=name, can=wording.granted_sentence(session.granted, _))
        if session.granted:
            return text, "eye", "danger_text", "bad"
        return text, "shield", "good_text", "good"

    @staticmethod
    def _draw_switch(name: Permission, switch: Choice, session: Session, _: Words) -> None:
        on = name in session.granted or name in session.pending
        if name in session.withheld:
            detail = wording.withheld(_)
        elif name in session.pending:
            detail = _("Being recorded; not in force yet.")
        elif name == "control" and "view" not in session.granted:
            detail = _("Not in force while your screen is not seen.")
        else:
            detail = _("Allowed") if on else _("Not allowed")
        with QSignalBlocker(switch):
            switch.setChecked(on)
        switch.say(wording.permission(name, _), detail)
        switch.setEnabled(name not in session.withheld)
        switch.setVisible(name in session.wanted)

    @staticmethod
    def _meter_words(meter: MeterNow | None, _: Words) -> str:
        if meter is None:
            return ""
        facts = [_("{rate} kbit/s", rate=_.number(meter.kbit_s)), _("{n} pictures/s", n=meter.frames_s)]
        if meter.rtt_ms is not None:
            facts.insert(0, _("answer in {n} ms", n=_.number(meter.rtt_ms)))
        if what := wording.sending(meter.sending, _):
            facts.append(what)
        return _("Line: {facts}", facts=" · ".join(facts))
