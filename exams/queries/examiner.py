"""What an examiner may see: numbers, never persons (R114, design §10).

Rows for pages carry a sequence number, a sheet's random code, a state and the
examiner's own marks; never a time, an integer key, an attempt's code or the roster's
order. Who sits on a panel is decided here too, once for pages and for the domain.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from exams.enums import AttemptState, Role, SessionKind, SheetState
from exams.kernel import keys
from exams.kernel.decimals import text_of
from exams.kernel.errors import NotFound
from exams.models import (
    Assignment,
    Attempt,
    Criterion,
    Exclusion,
    Exhibit,
    Mark,
    Session,
    Sheet,
    Staff,
)

EXAMINERS = (Role.EXAMINER, Role.CHIEF_EXAMINER)


@dataclass(frozen=True)
class Progress:
    """One session of an examiner: how many sheets are locked of how many."""

    code: str
    title: str
    project: str
    locked: int
    total: int


@dataclass(frozen=True)
class NumberRow:
    """One line of the desk's list; `state` is `todo`, `draft` or `locked`."""

    number: str
    sheet: UUID | None
    state: str
    total: str


@dataclass(frozen=True)
class MarkRow:
    """One criterion on the sheet, with the examiner's own mark as text."""

    position: int
    name: str
    reference: str
    most: str
    weight: str
    value: str

    @property
    def field(self) -> str:
        return f"mark-{self.position}"


def panel_of(attempt: Attempt) -> QuerySet[Staff]:
    """Return everybody who must score this attempt: its panel less exclusions."""
    seats = Assignment.objects.filter(role__in=EXAMINERS).filter(
        Q(session=attempt.session_id)
        | Q(room=attempt.room_id, room__isnull=False)
        | Q(project=attempt.session.project_id)
    )
    return Staff.objects.filter(is_active=True, pk__in=seats.values("staff")).exclude(
        exclusions__attempt=attempt
    )


def counted_sheets(attempt: Attempt) -> QuerySet[Sheet]:
    """Return the locked sheets that count: an excluded examiner's never does."""
    excluded = Exclusion.objects.filter(attempt=attempt).values("staff")
    return attempt.sheets.filter(state=SheetState.LOCKED).exclude(examiner__in=excluded)


def scorable_attempts(staff: Staff) -> QuerySet[Attempt]:
    """Return the attempts on this examiner's desk, with number and own sheet.

    Sealed ones that have an exhibit and a number, and those scored before; always
    within the examiner's seats, never where an exclusion stands, never of a mock.
    """
    seats = Assignment.objects.filter(staff=staff, role__in=EXAMINERS)
    own = Sheet.objects.filter(attempt=OuterRef("pk"), examiner=staff)
    excluded = Exclusion.objects.filter(attempt=OuterRef("pk"), staff=staff)
    return (
        Attempt.objects.filter(
            Q(session__in=seats.filter(session__isnull=False).values("session"))
            | Q(room__in=seats.filter(room__isnull=False).values("room"))
            | Q(
                session__project__in=seats.filter(project__isnull=False).values(
                    "project"
                )
            )
        )
        .filter(~Exists(excluded), drawn_number__isnull=False)
        .filter(session__kind=SessionKind.FORMAL)
        .filter(Exists(Exhibit.objects.filter(attempt=OuterRef("pk"))))
        .annotate(
            number=F("drawn_number__number"),
            sheet_code=Subquery(own.values("code")[:1]),
            sheet_state=Subquery(own.values("state")[:1]),
        )
        .filter(Q(state=AttemptState.SEALED) | Q(sheet_state__isnull=False))
    )


def progress_of(staff: Staff) -> list[Progress]:
    """Return the sessions with something to score, in the order of their titles."""
    found: dict[str, list] = {}
    rows = scorable_attempts(staff).values_list(
        "session__code", "session__title", "session__project__title", "sheet_state"
    )
    for code, title, project, state in rows:
        entry = found.setdefault(code, [title, project, 0, 0])
        entry[2] += state == SheetState.LOCKED
        entry[3] += 1
    return sorted(
        (Progress(code, *entry) for code, entry in found.items()),
        key=lambda row: (row.project, row.title, row.code),
    )


def desk_rows(staff: Staff, session: Session) -> list[NumberRow]:
    """Return the examiner's list, in an order that is theirs alone.

    The order is keyed by examiner and attempt: stable for one examiner, different
    for each, and unlike any order of the roster or of the numbers.
    """
    attempts = list(scorable_attempts(staff).filter(session=session))
    attempts.sort(key=lambda attempt: _place(staff, attempt))
    totals = _totals(
        Mark.objects.filter(
            sheet__examiner=staff,
            sheet__state=SheetState.LOCKED,
            sheet__attempt__session=session,
        )
    )
    return [
        NumberRow(
            number=number_text(attempt.number),
            sheet=attempt.sheet_code,
            state=attempt.sheet_state or "todo",
            total=totals.get(attempt.sheet_code, ""),
        )
        for attempt in attempts
    ]


def own_sheet(staff: Staff, code: UUID) -> Sheet:
    """Return a sheet of this examiner, still theirs to see; raises `NotFound`."""
    sheet = (
        Sheet.objects.filter(
            code=code, examiner=staff, attempt__in=scorable_attempts(staff).values("pk")
        )
        .select_related("attempt__session__project", "attempt__drawn_number", "exhibit")
        .first()
    )
    if sheet is None:
        raise NotFound
    return sheet


def own_exhibit(staff: Staff, code: UUID) -> Exhibit:
    """Return an exhibit that a sheet of this examiner plays; raises `NotFound`."""
    exhibit = Exhibit.objects.filter(
        code=code,
        sheets__examiner=staff,
        attempt__in=scorable_attempts(staff).values("pk"),
    ).first()
    if exhibit is None:
        raise NotFound
    return exhibit


def attempt_numbered(staff: Staff, session: Session, number: int) -> Attempt:
    """Return the attempt under this number on the desk; raises `NotFound`."""
    attempt = scorable_attempts(staff).filter(session=session, number=number).first()
    if attempt is None:
        raise NotFound
    return attempt


def criteria_of(session: Session) -> list[Criterion]:
    """Return the criteria of the session's paper, in their order."""
    return list(Criterion.objects.filter(paper=session.paper_id).order_by("position"))


def mark_rows(sheet: Sheet) -> list[MarkRow]:
    """Return every criterion with this sheet's mark, empty where none is given.

    Marks belong to the session's criteria; name and reference points are those of the
    paper that this attempt was asked, which is scored alike (`paper_draw`).
    """
    asked = {
        row.position: row
        for row in Criterion.objects.filter(paper=sheet.attempt.paper_id)
    }
    given = dict(sheet.marks.values_list("criterion", "value"))
    return [
        MarkRow(
            position=criterion.position,
            name=asked[criterion.position].name,
            reference=asked[criterion.position].reference,
            most=text_of(criterion.max_mark, 0),
            weight=text_of(criterion.weight, 0),
            value=text_of(given[criterion.pk], 1) if criterion.pk in given else "",
        )
        for criterion in criteria_of(sheet.attempt.session)
    ]


def total_text(sheet: Sheet) -> str:
    """Return the weighted total of the marks given so far."""
    return _totals(Mark.objects.filter(sheet=sheet)).get(sheet.code, text_of(Decimal()))


def most_text(session: Session) -> str:
    """Return the highest total that a sheet of this session can have."""
    return text_of(
        sum(
            (Fraction(row.max_mark) * Fraction(row.weight))
            for row in criteria_of(session)
        )
        or Decimal(),
        0,
    )


def other_totals(sheet: Sheet) -> list[str]:
    """Return the other locked totals, ascending; nothing before one's own lock."""
    if sheet.state != SheetState.LOCKED:
        return []
    others = counted_sheets(sheet.attempt).exclude(pk=sheet.pk)
    totals = _totals(Mark.objects.filter(sheet__in=others)).values()
    return sorted(totals, key=Decimal)


def newest_version(attempt: Attempt) -> int:
    """Return the version of the newest exhibit, 0 without one."""
    newest = attempt.exhibits.order_by("-version").values_list("version", flat=True)
    return newest.first() or 0


def number_text(number: int) -> str:
    return f"{number:03d}"


def _place(staff: Staff, attempt: Attempt) -> str:
    return keys.lookup_hash(f"{staff.pk}/{attempt.code}", purpose="examiner-order")


def _totals(marks: QuerySet[Mark]) -> dict[UUID, str]:
    sums: dict[UUID, Fraction] = {}
    for code, value, weight in marks.values_list(
        "sheet__code", "value", "criterion__weight"
    ):
        sums[code] = sums.get(code, Fraction()) + Fraction(value) * Fraction(weight)
    return {code: text_of(total) for code, total in sums.items()}
