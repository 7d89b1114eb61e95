"""The job that makes admission tickets, file by file.

Writes what became of each `Ticket`, and the files under `TICKETS_ROOT/<batch>/`. Asking
planned one row per file; a job that dies goes on with the rows that have no file yet
and writes a file of the same name again. No character is ever printed as a box: who
has one that no font has is named, and gets no file.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from candidates.backends import durable
from candidates.backends.ticket_fonts import FontMissing, Fonts
from candidates.backends.ticket_pdf import (
    PhotoUnreadable,
    draw,
    own_text,
    photo_for_print,
    shared_text,
)
from candidates.domain.tickets import folder_of, move_batch
from candidates.enums import TicketProblem, TicketsState
from candidates.models import Ticket, TicketBatch
from candidates.queries.tickets import (
    Sheet,
    by_room,
    enrolled,
    room_digest,
    sheets_of,
)
from exams.domain.audit import Actor
from exams.kernel import faults
from exams.kernel.errors import Conflict, Refusal


class GlyphMissing(Refusal):
    """What every ticket says cannot be printed. Facts: `characters`."""

    code = "glyph_missing"
    status = 422
    message = _(
        "No font of this server has these characters of the project, the session or "
        "the rules: %(characters)s. Add a font that has them to PDF_FONTS."
    )


def make_tickets(
    batch: TicketBatch, *, at: datetime, may_go_on: Callable[[], bool] = lambda: True
) -> TicketBatch:
    """Make what is not made yet; the batch ends `ready` or `failed`.

    Asks `may_go_on()` before each file and stops when it says no: run it again. Two at
    once on one batch: the loser raises `Conflict`.
    """
    if batch.state != TicketsState.MAKING:
        return batch
    try:
        with durable.exclusive_folder(folder_of(batch)) as folder:
            return _make(batch, folder=folder, at=at, may_go_on=may_go_on)
    except durable.Busy:
        raise Conflict(batch=batch.code) from None


@dataclass
class _Run:
    """What one run of the job holds: who is on the roster, the cut fonts, photos."""

    batch: TicketBatch
    folder: Path
    at: datetime
    sheets: list[Sheet]
    fonts: list[Path]
    missing: dict[int, list[str]]  # characters without a shape, by enrolment
    photos: dict[int, bytes] = field(default_factory=dict)
    unreadable: set[int] = field(default_factory=set)

    def photo_of(self, sheet: Sheet) -> None:
        if not sheet.photo or sheet.enrolment in self.photos.keys() | self.unreadable:
            return
        try:
            path = Path(default_storage.path(sheet.photo))
            self.photos[sheet.enrolment] = photo_for_print(path)
        except PhotoUnreadable:
            self.unreadable.add(sheet.enrolment)


def _make(
    batch: TicketBatch, *, folder: Path, at: datetime, may_go_on: Callable[[], bool]
) -> TicketBatch:
    session = batch.session
    sheets = sheets_of(batch, enrolled(session), at=at)
    try:
        with translation.override(batch.language), tempfile.TemporaryDirectory() as tmp:
            run = _prepare(batch, sheets, folder=folder, fonts=Path(tmp), at=at)
            finished = _make_files(run, may_go_on)
    except (FontMissing, GlyphMissing) as refusal:
        with transaction.atomic():
            move_batch(
                batch,
                TicketsState.FAILED,
                by=Actor.job("tickets"),
                at=at,
                finished_at=at,
                problem=refusal.code,
                facts={name: str(value) for name, value in refusal.facts.items()},
            )
        return batch
    if finished:
        with transaction.atomic():
            move_batch(
                batch,
                TicketsState.READY,
                by=Actor.job("tickets"),
                at=at,
                finished_at=at,
            )
    return batch


def _prepare(
    batch: TicketBatch, sheets: list[Sheet], *, folder: Path, fonts: Path, at: datetime
) -> _Run:
    """Ask the fonts for every character before anything is drawn."""
    with Fonts() as found:
        shared = shared_text(sheets[0]) if sheets else ""
        if missing := found.missing(shared):
            raise GlyphMissing(characters=named(missing))
        own = {sheet.enrolment: found.missing(own_text(sheet)) for sheet in sheets}
        every = shared + "".join(own_text(sheet) for sheet in sheets)
        return _Run(
            batch=batch,
            folder=folder,
            at=at,
            sheets=sheets,
            fonts=found.cut(every, folder=fonts),
            missing={enrolment: lost for enrolment, lost in own.items() if lost},
        )


def named(characters: Sequence[str]) -> str:
    """Return characters with their code points, for a font's maker to find them."""
    return ", ".join(f"{one} (U+{ord(one):04X})" for one in characters[:20])


def _make_files(run: _Run, may_go_on: Callable[[], bool]) -> bool:
    """Make what is left, single tickets first; return whether nothing is left."""
    people = {sheet.enrolment: [sheet] for sheet in run.sheets}
    rooms = by_room(run.sheets)
    left = run.batch.tickets.filter(made_at__isnull=True)
    for ticket in [
        *left.filter(enrolment__isnull=False).order_by("pk"),
        *left.filter(enrolment__isnull=True).order_by("pk"),
    ]:
        if not may_go_on():
            return False
        if ticket.enrolment_id:
            _make_one(run, ticket, people.get(ticket.enrolment_id, []))
        else:
            _make_one(run, ticket, rooms.get(ticket.room_id, []))
    return True


def _make_one(run: _Run, ticket: Ticket, sheets: list[Sheet]) -> None:
    printable = [one for one in sheets if one.enrolment not in run.missing]
    for sheet in printable:
        run.photo_of(sheet)
    columns: dict[str, object] = {"path": "", "pages": 0}
    if printable:
        data, columns["pages"] = draw(printable, fonts=run.fonts, photos=run.photos)
        path = run.folder / f"{ticket.code}.pdf"
        durable.produce(path, lambda work: work.write_bytes(data))
        columns["path"] = f"{run.batch.code}/{path.name}"
    if ticket.enrolment_id:
        # A room's photos are read again with its own file: memory stays small.
        run.photos.pop(ticket.enrolment_id, None)
    else:
        run.photos.clear()
    faults.reach("tickets.after_file")
    problem, facts = _problem(run, ticket, sheets)
    digest = [one.digest for one in sheets]
    if not ticket.enrolment_id:
        digest = [room_digest(sheets)]
    Ticket.objects.filter(pk=ticket.pk, made_at__isnull=True).update(
        made_at=run.at,
        digest="".join(digest),
        problem=problem,
        facts=facts,
        **columns,
    )
    faults.reach("tickets.after_row")


def _problem(run: _Run, ticket: Ticket, sheets: list[Sheet]) -> tuple[str, dict]:
    if not sheets:
        return TicketProblem.GONE, {}
    lost = [
        run.missing[one.enrolment] for one in sheets if one.enrolment in run.missing
    ]
    if lost and ticket.enrolment_id:
        return TicketProblem.GLYPH, {"characters": named(lost[0])}
    if lost:
        return TicketProblem.LEFT_OUT, {"count": len(lost)}
    if ticket.enrolment_id in run.unreadable:
        return TicketProblem.PHOTO, {}
    return "", {}
