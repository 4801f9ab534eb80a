"""Colours and shapes of the window: two palettes (light, dark), one style sheet made from either.

Every pair in `PAIRS` has a contrast of at least 4.5 (WCAG 2.2, 1.4.3); a test computes it. Sizes are in Qt's logical
pixels, texts in points of the system's own font, so that the window grows with the customer's settings.
"""

from dataclasses import dataclass
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """One palette; `#rrggbb`. `…_soft` are grounds, `…_text` what is written on them."""

    ground: str
    card: str
    text: str
    muted: str
    line: str
    control: str
    """The edge of a thing that can be clicked (contrast ≥ 3 to `card`)."""
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    danger: str
    danger_hover: str
    on_danger: str
    danger_soft: str
    danger_text: str
    good: str
    good_soft: str
    good_text: str
    warn: str
    warn_soft: str
    warn_text: str
    focus: str


LIGHT = Colours(
    ground="#f3f6f6",
    card="#ffffff",
    text="#15242a",
    muted="#4b5d65",
    line="#d8e1e3",
    control="#7d9097",
    accent="#0b6e70",
    accent_hover="#085a5c",
    on_accent="#ffffff",
    accent_soft="#e0f0ef",
    danger="#c62828",
    danger_hover="#a51f1f",
    on_danger="#ffffff",
    danger_soft="#fdebea",
    danger_text="#8e1b18",
    good="#1a7f4b",
    good_soft="#e3f4ea",
    good_text="#12603a",
    warn="#b26a00",
    warn_soft="#fff2d9",
    warn_text="#6d4400",
    focus="#1b5fd9",
)
DARK = Colours(
    ground="#10181b",
    card="#1a2529",
    text="#eef4f5",
    muted="#adbdc3",
    line="#2f3f45",
    control="#6f858d",
    accent="#58cbc4",
    accent_hover="#7ad9d3",
    on_accent="#06282a",
    accent_soft="#17393b",
    danger="#d63638",
    danger_hover="#b92b2d",
    on_danger="#ffffff",
    danger_soft="#3b1d1d",
    danger_text="#ffb4ae",
    good="#4cc38a",
    good_soft="#16352a",
    good_text="#8fe0b8",
    warn="#e0a447",
    warn_soft="#3a2c12",
    warn_text="#f6cf8d",
    focus="#8ab8ff",
)

PAIRS = (
    ("text", "ground"), ("text", "card"), ("muted", "ground"), ("muted", "card"), ("accent", "card"),
    ("accent", "ground"),
    ("on_accent", "accent"), ("on_accent", "accent_hover"), ("text", "accent_soft"), ("accent", "accent_soft"),
    ("on_danger", "danger"), ("on_danger", "danger_hover"), ("danger_text", "danger_soft"), ("danger_text", "card"),
    ("good_text", "good_soft"), ("warn_text", "warn_soft"),
)  # fmt: skip
"""(text, ground) pairs that occur."""


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def system_colours() -> Colours:
    """The palette that goes with the system's; light where the system does not say."""
    return DARK if QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT


def dress(app: QApplication, colours: Colours) -> None:
    """Give the whole program these colours."""
    sheet = _SHEET.substitute({name: getattr(colours, name) for name in Colours.__slots__})
    if app.styleSheet() == sheet:
        return
    app.setStyle("Fusion")
    font = app.font()
    if font.pointSizeF() < BODY:
        font.setPointSizeF(BODY)
        app.setFont(font)
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.ground,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.card,
        QPalette.ColorRole.AlternateBase: colours.ground,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.Button: colours.card,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.ToolTipBase: colours.card,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.Link: colours.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    app.setPalette(palette)
    app.setStyleSheet(sheet)


BODY = 11.0
"""Least size of text, in points; the system's own size where that is larger."""


def sized(font: QFont, factor: float, *, bold: bool = False, fixed: bool = False) -> QFont:
    """`font`, `factor` times as large; `fixed`: each symbol as wide as the other."""
    made = QFont(font)
    if fixed:
        made.setFamilies(["DejaVu Sans Mono", "Cascadia Mono", "Consolas", "Menlo", "Liberation Mono", "monospace"])
        made.setStyleHint(QFont.StyleHint.Monospace)
    made.setPointSizeF(font.pointSizeF() * factor)
    made.setBold(bold)
    return made


_SHEET = Template("""
QWidget { color: $text; }
#window, #page, #scroll, #scroll > QWidget, #footer { background: $ground; }
QToolTip { background: $card; color: $text; border: 1px solid $line; padding: 4px; }

#header { background: $card; border-bottom: 1px solid $line; }
#strip { background: $card; border-top: 1px solid $line; }

#card { background: $card; border: 1px solid $line; border-radius: 12px; }
#cell { background: $ground; border-radius: 8px; }
#muted { color: $muted; }
#accent { color: $accent; }
#code { color: $text; background: transparent; border: 2px solid transparent; border-radius: 8px; }
#code:focus { border-color: $focus; }

#good { background: $good_soft; border-radius: 10px; } #good QLabel { color: $good_text; }
#warn { background: $warn_soft; border-radius: 10px; } #warn QLabel { color: $warn_text; }
#bad { background: $danger_soft; border-radius: 10px; } #bad QLabel { color: $danger_text; }
#info { background: $accent_soft; border-radius: 10px; } #info QLabel { color: $text; }

QPushButton {
    background: $card; color: $text; border: 2px solid $control; border-radius: 10px;
    padding: 9px 16px; min-height: 22px;
}
QPushButton:hover { background: $accent_soft; }
QPushButton:disabled { color: $muted; border-color: $line; }
QPushButton:focus { border-color: $focus; outline: none; }
QPushButton#primary { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton#primary:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton#primary:disabled { background: $line; color: $muted; border-color: $line; }
QPushButton#primary:focus { border-color: $text; }
QPushButton#danger { background: $danger; color: $on_danger; border-color: $danger; font-weight: 700; }
QPushButton#danger:hover { background: $danger_hover; border-color: $danger_hover; }
QPushButton#danger:focus { border-color: $text; }
QPushButton#danger:disabled { background: $line; color: $muted; border-color: $line; }
QPushButton#quiet { background: transparent; color: $accent; border-color: transparent; padding: 6px 10px; }
QPushButton#quiet:hover { background: $accent_soft; }
QPushButton#quiet:focus { border-color: $focus; }
QPushButton#language {
    background: transparent; color: $muted; border: 2px solid transparent; border-radius: 8px;
    padding: 3px 8px; min-height: 18px; font-weight: 600;
}
QPushButton#language:checked { background: $accent_soft; color: $accent; }
QPushButton#language:focus { border-color: $focus; }

QRadioButton { spacing: 6px; padding: 4px 6px; border: 2px solid transparent; border-radius: 8px; }
QRadioButton:focus { border-color: $focus; }
QRadioButton:checked { background: $accent_soft; font-weight: 600; }
QRadioButton::indicator {
    width: 12px; height: 12px; border: 2px solid $control; border-radius: 8px; background: $card;
}
QRadioButton::indicator:checked { border-color: $accent; background: $accent; }

QPlainTextEdit {
    background: $card; color: $text; border: 2px solid $control; border-radius: 10px; padding: 8px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit:focus { border-color: $focus; }
QScrollArea { border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 2px; }
QScrollBar::handle:vertical { background: $control; border-radius: 4px; min-height: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

#bar { background: $card; border: 2px solid $danger; border-radius: 12px; }
""")
