"""Lays a `Document` out as PDF (fpdf2).

The fonts are shipped, because a PDF's own have no € sign.  The table's headings stand on every page; a row's first
lines stay together; its notes, under the widest column, may run on.  Must never decide what is said: that is
`document.py`.
"""

import io
from pathlib import Path
from typing import Final

from fpdf import FPDF, XPos, YPos
from fpdf.prefs import ViewerPreferences
from PIL import Image

from broker.invoices.document import Document, Row, Total

FONTS: Final = Path(__file__).parent / "fonts"
FONT: Final = "DejaVu"
MARGIN: Final = 18.0
"""Millimetres, as every length here."""
LINE, SMALL_LINE = 5.2, 4.0
TEXT, SMALL, LARGE = 9.5, 7.5, 17.0
"""Points."""
INK, GREY, RULE, SHADE = (28, 32, 38), (96, 104, 114), (196, 202, 210), (241, 243, 246)
LOGO: Final = (46.0, 18.0)
"""The most that a logo takes."""


def render(document: Document) -> bytes:
    """The document as a file."""
    pages = _Pages(document)
    pages.add_page()
    pages.write_head()
    pages.write_table()
    pages.write_totals()
    return bytes(pages.output())


class _Pages(FPDF):
    """One document on A4."""

    def __init__(self, document: Document) -> None:
        super().__init__(format="A4")
        self._document, self._in_table = document, False
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 6)
        self.add_font(FONT, "", FONTS / "DejaVuSans.ttf")
        self.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_title(f"{document.title} {document.number}")
        self.set_author(document.sender.name)
        self.set_creator("Relevo")
        self.set_lang(document.lang)
        self.set_creation_date(document.made)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        shares = sum(column.share for column in document.columns)
        self._widths = [self.epw * column.share / shares for column in document.columns]
        widest = self._widths.index(max(self._widths))
        self._notes_from = sum(self._widths[:widest]) + 3
        self._notes_width = self.epw - self._notes_from - self._widths[-1]

    # What fpdf2 calls ------------------------------------------------------------------------------------------------

    def header(self) -> None:
        """From the second page on: whose it is, and the table's headings again."""
        if self.page_no() == 1:
            return
        self._write_with(SMALL, GREY)
        said = f"{self._document.sender.name} · {self._document.title} {self._document.number}"
        self.cell(0, LINE, said, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)
        if self._in_table:
            self._headings()

    def footer(self) -> None:
        """The number of the page."""
        self.set_y(-MARGIN)
        self._write_with(SMALL, GREY)
        said = self._document.page_words.format(page=self.page_no(), pages="{nb}")
        self.cell(0, LINE, said, align="R")

    # The parts -------------------------------------------------------------------------------------------------------

    def write_head(self) -> None:
        """Sender and title, then receiver and facts side by side."""
        document, half = self._document, self.epw / 2
        top = self.get_y()
        self._logo(top)
        self.set_xy(self.l_margin, top + (LOGO[1] + 3 if document.sender.logo else 0))
        self._write_with(TEXT + 1.5, INK, "B")
        self.multi_cell(half, LINE + 0.6, document.sender.name, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._write_with(SMALL, GREY)
        for line in document.sender.lines:
            self.multi_cell(half, SMALL_LINE, line, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        left = self.get_y()
        self.set_xy(self.l_margin + half, top)
        self._write_with(LARGE, INK, "B")
        self.multi_cell(half, 8, document.title, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._write_with(TEXT, GREY)
        self.set_x(self.l_margin + half)
        self.cell(half, LINE + 1, document.number, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        top = max(left, self.get_y()) + 8
        self.set_xy(self.l_margin, top)
        self._write_with(TEXT, INK)
        for at, line in enumerate(document.receiver):
            self._write_with(TEXT, INK, "B" if at == 0 else "")
            self.multi_cell(half - 6, LINE, line, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        left = self.get_y()
        self.set_y(top)
        for label, value in document.facts:
            self.set_x(self.l_margin + half)
            self._write_with(TEXT, GREY)
            self.cell(half * 0.42, LINE, label)
            self._write_with(TEXT, INK)
            self.multi_cell(half * 0.58, LINE, value, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(left, self.get_y()) + 8)

    def write_table(self) -> None:
        """The rows under their headings."""
        self._in_table = True
        self._headings()
        for row in self._document.rows:
            self._row(row)
        self._in_table = False

    def write_totals(self) -> None:
        """The block on the right, kept together, and the remarks."""
        totals, remarks = self._document.totals, self._document.remarks
        self.ln(3)
        if self.will_page_break(len(totals) * (LINE + 1.6) + len(remarks) * (LINE + 4)):
            self.add_page()
        for total in totals:
            self._total(total)
        self._write_with(TEXT - 1, GREY)
        for remark in remarks:
            self.ln(4)
            self.multi_cell(0, LINE, remark, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    # Pieces ----------------------------------------------------------------------------------------------------------

    def _headings(self) -> None:
        self._write_with(SMALL + 0.5, INK, "B")
        self.set_fill_color(*SHADE)
        for column, width in zip(self._document.columns, self._widths, strict=True):
            self.cell(width, LINE + 1.6, column.heading, align=column.align, fill=True)
        self.ln(LINE + 1.6)
        self.ln(1)

    def _row(self, row: Row) -> None:
        columns = list(zip(row.cells, self._document.columns, self._widths, strict=True))
        self._write_with(TEXT, INK)
        height = max(self._height(cell, width, LINE) for cell, _, width in columns)
        kept = height + (self._height(row.notes[0], self._notes_width, SMALL_LINE) if row.notes else 0)
        if self.will_page_break(kept + 2):
            self.add_page()
        self._write_with(TEXT, INK)
        top = self.get_y()
        for at, (cell, column, width) in enumerate(columns):
            self.set_xy(self.l_margin + sum(self._widths[:at]), top)
            self.multi_cell(width, LINE, cell, align=column.align, new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.set_xy(self.l_margin, top + height)
        for note in row.notes:
            self._write_with(SMALL, GREY)
            if self.will_page_break(self._height(note, self._notes_width, SMALL_LINE)):
                self.add_page()
                self._write_with(SMALL, GREY)
            self.set_x(self.l_margin + self._notes_from)
            self.multi_cell(self._notes_width, SMALL_LINE, note, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.4)
        self.set_draw_color(*RULE)
        self.set_line_width(0.15)
        self.line(self.l_margin, self.get_y(), self.l_margin + self.epw, self.get_y())
        self.ln(1.4)

    def _total(self, total: Total) -> None:
        style = "B" if total.strong else ""
        self.set_x(self.l_margin + self.epw * 0.4)
        self._write_with(TEXT, INK if total.strong else GREY, style)
        self.cell(self.epw * 0.36, LINE + 1.6, total.label, align="L")
        self._write_with(TEXT, INK, style)
        self.cell(self.epw * 0.24, LINE + 1.6, total.value, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _logo(self, top: float) -> None:
        logo = self._document.sender.logo
        if logo is None:
            return
        with Image.open(io.BytesIO(logo)) as picture:
            shrink = min(LOGO[0] / picture.width, LOGO[1] / picture.height)
            width, height = picture.width * shrink, picture.height * shrink
            alt = self._document.sender.name
            self.image(picture.convert("RGBA"), self.l_margin, top, width, height, alt_text=alt)

    def _height(self, text: str, width: float, line: float) -> float:
        found = self.multi_cell(width, line, text, align="L", dry_run=True, output="HEIGHT")
        assert isinstance(found, int | float)
        return float(found)

    def _write_with(self, points: float, colour: tuple[int, int, int], style: str = "") -> None:
        self.set_font(FONT, style, points)
        self.set_text_color(*colour)
