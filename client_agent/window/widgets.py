"""The window's own small parts: labels that show nothing but plain text, pictures, the ring of time, switches and rows.

Every text here is set as plain text, so that others' words cannot become markup (pairing rule 5).  Telling a part what
it shows already paints nothing: in a session, each painting is looked at, and may be sent.
"""

from typing import Literal

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from client_agent.window import icons
from client_agent.window.style import LIGHT, Colours, sized

RING_STEPS = 180
"""Steps in which a ring empties: each is half a pixel at its edge."""

Mood = Literal["good", "warn", "bad", "info"]
"""The colours of a notice."""


class Look:
    """The colours of now, shared by all parts; whoever changes them draws everything again."""

    def __init__(self) -> None:
        self.colours: Colours = LIGHT


class Label(QLabel):
    """Plain text that wraps. `factor`: its size against the body's; `name`: its place in the style sheet."""

    def __init__(self, name: str = "", factor: float = 1.0, *, bold: bool = False, wrap: bool = True) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setObjectName(name)
        self.setFont(sized(self.font(), factor, bold=bold))
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored if wrap else QSizePolicy.Policy.Preferred)
        self.setSizePolicy(policy)


class Title(Label):
    """A page's first line. Takes the focus when the page opens, so that a screen reader begins there."""

    def __init__(self) -> None:
        super().__init__("title", 1.45, bold=True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)


class Code(QLabel):
    """ID or password in very large type; the keyboard reaches it, so that a screen reader reads it again."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.setObjectName("code")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setIndent(0)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._body, self._factor = self.font(), factor
        self.setFont(sized(self._body, factor, bold=True, fixed=True))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def write(self, text: str) -> None:
        """Show it whole, as large as there is room."""
        self.setText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """A code that is cut off is worse than a smaller one."""
        largest = sized(self._body, self._factor, bold=True, fixed=True)
        wide = QFontMetrics(largest).horizontalAdvance(self.text()) + 8
        room = min(1.0, self.width() / wide) if self.width() > 1 else 1.0
        wanted = sized(self._body, self._factor * room, bold=True, fixed=True)
        if abs(wanted.pointSizeF() - self.font().pointSizeF()) > 0.1:
            self.setFont(wanted)


class Picture(QLabel):
    """One of `icons`, in one of the palette's colours. Decoration: a screen reader passes over it."""

    def __init__(self, look: Look, size: int = 22) -> None:
        super().__init__()
        self._look, self._size = look, size
        self.setFixedSize(size, size)

    def draw(self, name: icons.Name, colour: str) -> None:
        """`colour` names a field of `Colours`."""
        self.setPixmap(icons.picture(name, getattr(self._look.colours, colour), self._size, self.devicePixelRatioF()))


class Button(QPushButton):
    """A button with a picture. `kind`: its place in the style sheet."""

    def __init__(self, look: Look, kind: Literal["", "primary", "danger", "quiet"] = "", factor: float = 1.0) -> None:
        super().__init__()
        self._look = look
        self.setObjectName(kind)
        self.setFont(sized(self.font(), factor))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)

    def say(self, text: str, icon: icons.Name | None = None, description: str = "") -> None:
        """What it says; `description` tells a screen reader more."""
        # Style sheets know no gap between picture and text.
        self.setText(("\u2002" if icon else "") + text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.setAccessibleDescription(description)
        if icon:
            colours = self._look.colours
            tints = {"primary": colours.on_accent, "danger": colours.on_danger, "quiet": colours.accent}
            made = icons.icon(icon, tints.get(self.objectName(), colours.text))
            if self.icon().cacheKey() != made.cacheKey():
                self.setIcon(made)
            self.setIconSize(QSize(20, 20))


class Box(QFrame):
    """A ground with rounded corners: `card`, or a notice in one of its colours."""

    def __init__(self, kind: Literal["card", "cell"] | Mood = "card", margin: int = 14) -> None:
        super().__init__()
        self.setObjectName(kind)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(margin, margin - 2, margin, margin - 2)
        self.column.setSpacing(8)

    def turn(self, kind: Literal["card", "cell"] | Mood) -> None:
        """Take another of the colours."""
        if self.objectName() != kind:
            self.setObjectName(kind)
            for widget in (self, *self.findChildren(QLabel)):
                widget.style().unpolish(widget)
                widget.style().polish(widget)


class Notice(Box):
    """A picture and a sentence on a coloured ground."""

    def __init__(self, look: Look, kind: Mood) -> None:
        super().__init__(kind, 12)
        self._picture, self.text = Picture(look, 22), Label()
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self.column.addLayout(row)

    def say(self, text: str, icon: icons.Name, colour: str, kind: Mood | None = None) -> None:
        """`colour`: of the picture, a field of `Colours`."""
        if kind:
            self.turn(kind)
        self.text.setText(text)
        self._picture.draw(icon, colour)


class Fact(QWidget):
    """A picture, a small caption and what it is: one line of a consent prompt."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._picture = Picture(look, 20)
        self._caption, self._value = Label("muted", 0.9), Label()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(self._caption)
        column.addWidget(self._value)
        row.addLayout(column, 1)

    def say(self, icon: icons.Name, caption: str, value: str) -> None:
        """`value` is others' text as a rule: it must have been through `wording.plain`."""
        self._picture.draw(icon, "accent")
        self._caption.setText(caption)
        self._value.setText(value)


class Ring(QWidget):
    """How much of a time is left, as a ring that empties; the words are beside it."""

    def __init__(self, look: Look, size: int = 34) -> None:
        super().__init__()
        self._look, self._left, self._colour = look, RING_STEPS, "accent"
        self.setFixedSize(size, size)

    def show_left(self, fraction: float, colour: str = "accent") -> None:
        """`fraction` from 1 (all) to 0; `colour` names a field of `Colours`."""
        left = round(min(1.0, max(0.0, fraction)) * RING_STEPS)
        if (left, colour) != (self._left, self._colour):
            self._left, self._colour = left, colour
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter.setPen(QPen(QColor(self._look.colours.line), 4))
        painter.drawEllipse(inside)
        pen = QPen(QColor(getattr(self._look.colours, self._colour)), 4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(inside, 90 * 16, round(-360 * 16 * self._left / RING_STEPS))
        painter.end()


class Choice(QCheckBox):
    """A check box as a whole row that can be clicked: a tick to choose or a switch to throw; its detail below."""

    _PAD = 12

    def __init__(self, look: Look, form: Literal["tick", "switch"]) -> None:
        super().__init__()
        self._look, self._form, self._detail = look, form, ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, text: str, detail: str) -> None:
        """What is chosen, and what that means."""
        if (text, detail) == (self.text(), self._detail):
            return
        self.setText(text)
        self._detail = detail
        self.setAccessibleName(text)
        self.setAccessibleDescription(detail)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Qt's: the texts wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt's."""
        title, detail = self._texts(width)
        return max(52, title.height() + detail.height() + 2 * self._PAD)

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(280, 56)

    def minimumSizeHint(self) -> QSize:
        """Qt's."""
        return QSize(160, 52)

    def hitButton(self, at: QPoint) -> bool:
        """Qt's: the whole row."""
        return self.rect().contains(at)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's."""
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        colours, painter = self._look.colours, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        edge = colours.focus if focused else colours.accent if self.isChecked() else colours.control
        painter.setPen(QPen(QColor(edge), 2))
        on = self.isChecked() and self.isEnabled()
        painter.setBrush(QColor(colours.accent_soft if on else colours.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        (self._paint_tick if self._form == "tick" else self._paint_switch)(painter, colours)
        title, detail = self._texts(self.width())
        top = (self.height() - title.height() - detail.height()) // 2
        painter.setFont(sized(self.font(), 1.0, bold=True))
        painter.setPen(QColor(colours.text if self.isEnabled() else colours.muted))
        painter.drawText(title.translated(0, top), Qt.TextFlag.TextWordWrap, self.text())
        painter.setFont(sized(self.font(), 0.9))
        painter.setPen(QColor(colours.muted if not on else colours.text))
        painter.drawText(detail.translated(0, top + title.height()), Qt.TextFlag.TextWordWrap, self._detail)
        painter.end()

    def _texts(self, width: int) -> tuple[QRect, QRect]:
        """Where title and detail go, both from the top of the row."""
        left = 2 * self._PAD + 24 if self._form == "tick" else self._PAD + 2
        right = self._PAD if self._form == "tick" else 2 * self._PAD + 44
        room = QRect(left, 0, max(40, width - left - right), 10_000)
        wrap = int(Qt.TextFlag.TextWordWrap)
        title = QFontMetrics(sized(self.font(), 1.0, bold=True)).boundingRect(room, wrap, self.text())
        detail = QFontMetrics(sized(self.font(), 0.9)).boundingRect(room, wrap, self._detail)
        return (
            QRect(left, 0, room.width(), title.height()),
            QRect(left, 0, room.width(), detail.height() if self._detail else 0),
        )

    def _paint_tick(self, painter: QPainter, colours: Colours) -> None:
        box = QRectF(self._PAD, (self.height() - 24) / 2, 24, 24)
        painter.setPen(QPen(QColor(colours.accent if self.isChecked() else colours.control), 2))
        painter.setBrush(QColor(colours.accent if self.isChecked() else colours.card))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        if self.isChecked():
            pen = QPen(QColor(colours.on_accent), 2.6)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            corner = box.topLeft()
            points = [corner + QPointF(6.5, 12.5), corner + QPointF(10.5, 16.5), corner + QPointF(17.5, 8.5)]
            painter.drawPolyline(points)

    def _paint_switch(self, painter: QPainter, colours: Colours) -> None:
        on = self.isChecked()
        pill = QRectF(self.width() - self._PAD - 44, (self.height() - 24) / 2, 44, 24)
        painter.setPen(QPen(QColor(colours.accent if on else colours.control), 2))
        painter.setBrush(QColor(colours.accent if on else colours.card))
        painter.drawRoundedRect(pill.adjusted(1, 1, -1, -1), 11, 11)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.on_accent if on else colours.control))
        painter.drawEllipse(QRectF(pill.right() - 20 if on else pill.left() + 4, pill.top() + 4, 16, 16))
