"""An admission ticket as a page of PDF, drawn from a `Sheet`.

A4, one candidate after the other; long rules go on to further pages. Every character
has to be in the given fonts: who calls has asked `Fonts.missing(texts_of(…))` before.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import qrcode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from PIL import Image, ImageOps, UnidentifiedImageError

from candidates.backends.line_breaks import has_cjk, lines_of
from candidates.backends.ticket_fonts import SELECTORS
from candidates.queries.tickets import Sheet

MARGIN, WIDTH, BOTTOM = 18, 210 - 2 * 18, 20  # millimetres of A4
PHOTO = (35, 45)
PHOTO_PIXELS = (420, 540)
QR_SIDE = 34
BRAND, INK, QUIET, LINE = (28, 58, 107), (28, 30, 33), (92, 96, 102), (205, 208, 212)
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + "—–·：，。（）"
BEIJING = "Asia/Shanghai"
FAMILY = "ticket"
# A line is a hair narrower than its place: sums of widths are not exact.
SLACK = 0.01


class PhotoUnreadable(Exception):
    """The file of the photo is gone or no picture."""


def photo_for_print(path: Path) -> bytes:
    """Return the photo as a small JPEG; raises `PhotoUnreadable`."""
    try:
        with Image.open(path) as image:
            small = ImageOps.exif_transpose(image).convert("RGB")
            small.thumbnail(PHOTO_PIXELS)
    except (OSError, UnidentifiedImageError, ValueError) as problem:
        raise PhotoUnreadable from problem
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def words() -> dict[str, str]:
    """Return every fixed text of a ticket in the active language."""
    return {
        "title": _("Admission ticket"),
        "name": _("Name"),
        "ticket_number": _("Ticket number"),
        "post": _("Post"),
        "room": _("Room"),
        "date": _("Date"),
        "sign_in": _("Sign-in"),
        "enter": _("Enter"),
        "exam": pgettext("ticket", "Exam"),
        "spans": _("Each span begins at its first time and is over at its last."),
        "no_photo": _("No photo"),
        "photo": _("Photo on the roster"),
        "code": _("Code with the address of the entry page"),
        "entry": _("Entry page"),
        "entry_how": _(
            "Scan the code or type the address. Sign in with the ticket number and "
            "the last six characters of your ID number."
        ),
        "hotline": _("Hotline"),
        "hours": _("Hours"),
        "rules": _("Exam rules"),
        "beijing": _("Beijing time, UTC+8"),
        "page": _("Page"),
    }


def times_of(sheet: Sheet) -> dict[str, str]:
    """Return the date and the three spans, in the zone of the session.

    An instant of another day than the start carries its day.
    """
    zone = ZoneInfo(sheet.heading.time_zone)
    local = {name: at.astimezone(zone) for name, at in sheet.windows.items()}
    day = local["starts"].date()

    def shown(at: datetime) -> str:
        return f"{at:%H:%M}" if at.date() == day else f"{at:%m-%d %H:%M}"

    def span(opens: str, closes: str) -> str:
        return f"{shown(local[opens])} – {shown(local[closes])}"

    return {
        "date": f"{day:%Y-%m-%d}",
        "sign_in": span("login_opens", "login_closes"),
        "enter": span("entry_opens", "entry_closes"),
        "exam": span("starts", "ends"),
    }


def shared_text(sheet: Sheet) -> str:
    """Return the characters of what every ticket of the session says."""
    heading = sheet.heading
    rules = [text for pair in heading.rules for text in pair]
    return (
        "".join(
            [
                *(ALWAYS, heading.project, heading.session, heading.hotline),
                *(heading.hotline_hours, heading.time_zone, heading.entry_url),
                *(rules + list(words().values())),
            ]
        )
        .replace("\t", " ")
        .replace("\r", "")
    )


def own_text(sheet: Sheet) -> str:
    """Return the characters that only this candidate's ticket has."""
    return f"{sheet.name}{sheet.ticket_number}{sheet.post}{sheet.room}"


def draw(
    sheets: Sequence[Sheet], *, fonts: Sequence[Path], photos: dict[int, bytes]
) -> tuple[bytes, int]:
    """Return the PDF of these tickets in the active language, and its pages.

    `photos` are JPEGs by enrolment; a ticket without one has an empty frame.
    """
    pdf = _Pdf(fonts)
    for sheet in sheets:
        pdf.ticket(sheet, photos.get(sheet.enrolment))
    return bytes(pdf.output()), pdf.page_no()


class _Pdf(FPDF):
    def __init__(self, fonts: Sequence[Path]) -> None:
        super().__init__(format="A4")
        for number, path in enumerate(fonts):
            self.add_font(f"{FAMILY}{number}", fname=path)
        self.set_fallback_fonts([f"{FAMILY}{n}" for n in range(1, len(fonts))])
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=BOTTOM)
        self.set_creator("Kaowu")
        self.words = words()
        self.widths: dict[str, float] = {}  # of a character, at one point
        self.sheet: Sheet | None = None
        self.first = 1

    def footer(self) -> None:
        # The pages of one ticket can be put together again after printing.
        self.set_y(-BOTTOM + 6)
        self._say(
            f"{self.sheet.ticket_number} · {self.words['page']} "
            f"{self.page_no() - self.first + 1}",
            size=8,
            colour=QUIET,
        )

    def ticket(self, sheet: Sheet, photo: bytes | None) -> None:
        # The page that is being closed is the one before: its footer is its own.
        starting = self.page_no() + 1
        self.add_page()
        self.sheet, self.first = sheet, starting
        self._head(sheet)
        top = self.get_y()
        self._photo(photo, top)
        self._facts(sheet, top)
        self.set_y(max(self.get_y(), top + PHOTO[1]) + 6)
        self._windows(sheet)
        self._entry(sheet)
        self._rules(sheet)

    def _head(self, sheet: Sheet) -> None:
        self._say(sheet.heading.project, size=12, colour=QUIET)
        self._say(self.words["title"], size=24, colour=BRAND)
        self._say(sheet.heading.session, size=13)
        self.ln(2)
        self._rule(BRAND, 0.6)
        self.ln(6)

    def _photo(self, photo: bytes | None, top: float) -> None:
        left = MARGIN + WIDTH - PHOTO[0]
        self.set_draw_color(*LINE)
        self.rect(left, top, *PHOTO)
        if photo:
            self.image(io.BytesIO(photo), left, top, *PHOTO, keep_aspect_ratio=True)
            return
        self.set_xy(left, top + PHOTO[1] / 2 - 3)
        self._set(9, QUIET)
        self.cell(PHOTO[0], 6, self.words["no_photo"], align="C")

    def _facts(self, sheet: Sheet, top: float) -> None:
        self.set_y(top)
        room = WIDTH - PHOTO[0] - 8
        self._pair("name", sheet.name, room, size=18)
        self._pair("ticket_number", sheet.ticket_number, room, size=18)
        self._pair("post", sheet.post or "—", room)
        self._pair("room", sheet.room or "—", room)

    def _windows(self, sheet: Sheet) -> None:
        times = times_of(sheet)
        zone = sheet.heading.time_zone
        zone = self.words["beijing"] if zone == BEIJING else zone
        self._rule(LINE, 0.3)
        self.ln(4)
        self._pair("date", f"{times['date']} ({zone})", WIDTH)
        for name in ("sign_in", "enter", "exam"):
            self._pair(name, times[name], WIDTH)
        self._say(self.words["spans"], size=9, colour=QUIET)
        self.ln(4)

    def _entry(self, sheet: Sheet) -> None:
        heading = sheet.heading
        self._rule(LINE, 0.3)
        self.ln(4)
        top, text = self.get_y(), WIDTH - QR_SIDE - 8
        self._qr(heading.entry_url, MARGIN + WIDTH - QR_SIDE, top)
        self.set_y(top)
        self._pair("entry", heading.entry_url, text, size=11)
        self._say(self.words["entry_how"], size=9, colour=QUIET, width=text)
        self.ln(2)
        self._pair("hotline", heading.hotline or "—", text)
        self._pair("hours", heading.hotline_hours or "—", text)
        self.set_y(max(self.get_y(), top + QR_SIDE) + 5)

    def _rules(self, sheet: Sheet) -> None:
        if not sheet.heading.rules:
            return
        self._rule(LINE, 0.3)
        self.ln(4)
        for title, body in sheet.heading.rules:
            self._say(title, size=13)
            self.ln(1)
            for line in body.replace("\r", "").replace("\t", " ").split("\n"):
                self._say(line or " ", size=10)
            self.ln(3)

    def _qr(self, link: str, left: float, top: float) -> None:
        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=2)
        code.add_data(link)
        matrix = code.get_matrix()
        side = QR_SIDE / len(matrix)
        self.set_fill_color(0, 0, 0)
        for row, cells in enumerate(matrix):
            for column, is_dark in enumerate(cells):
                if is_dark:
                    # A hair wider, so that no viewer draws light between two.
                    self.rect(
                        left + column * side,
                        top + row * side,
                        side + 0.02,
                        side + 0.02,
                        style="F",
                    )

    def _pair(self, name: str, value: str, width: float, *, size: int = 12) -> None:
        top = self.get_y()
        self._set(9, QUIET)
        self.multi_cell(32, 7, **self._broken(self.words[name], 32), align="L")
        after = self.get_y()
        self.set_xy(MARGIN + 34, top)
        self._say(value, size=size, width=width - 34, height=max(7, size * 0.5))
        self.set_y(max(self.get_y(), after))

    def _say(
        self,
        text: str,
        *,
        size: int,
        colour: tuple[int, int, int] = INK,
        width: float = 0,
        height: float = 0,
    ) -> None:
        self._set(size, colour)
        place = width or self.w - self.r_margin - self.x
        self.multi_cell(
            width,
            height or size * 0.52,
            **self._broken(_without_selectors(text), place),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _broken(self, text: str, place: float) -> dict[str, object]:
        """Return text and mode for a cell; Chinese comes with its lines already."""
        if not has_cjk(text):
            return {"text": text, "wrapmode": WrapMode.WORD}
        width = place - 2 * self.c_margin - SLACK
        lines = lines_of(text, width=width, measure=self._width)
        return {"text": "\n".join(lines), "wrapmode": WrapMode.CHAR}

    def _width(self, text: str) -> float:
        size, known = self.font_size_pt, self.widths
        for one in set(text) - known.keys():
            known[one] = self.get_string_width(one) / size
        return size * sum(known[one] for one in text)

    def _set(self, size: int, colour: tuple[int, int, int]) -> None:
        self.set_font(f"{FAMILY}0", size=size)
        self.set_text_color(*colour)

    def _rule(self, colour: tuple[int, int, int], width: float) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(width)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.set_line_width(0.2)


def _without_selectors(text: str) -> str:
    return "".join(one for one in text if one not in SELECTORS)
