"""Declared conflicts: matched with the roster here, pushed down as exclusions.

Owns `DeclaredConflict` and `ConflictMatch`; exclusions are made by the floor below,
which learns an examiner and an attempt and never a name. An examiner is told nothing
of what a declaration matched, and cannot take one back: whoever could would learn which
number a name has. Every match excludes at once, for a wrong exclusion costs one sheet
and a missing one the blindness; an administrator lifts what was a namesake.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from candidates.domain import people
from candidates.enums import ConflictKind, ImportState, MatchState
from candidates.models import (
    Candidate,
    ConflictMatch,
    DeclaredConflict,
    Enrolment,
    RosterImport,
)
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.domain.exclusions import exclude, lift
from exams.enums import SessionState
from exams.kernel import keys
from exams.kernel.errors import BadInput, Conflict, Refusal
from exams.kernel.states import Machine
from exams.models import Project, Staff

MAX_DECLARED = 200
MAX_LENGTH = 80
LEAST_INSTITUTION = 2
SUFFIX = re.compile(r"[0-9]{5}[0-9X]")
DOTS = str.maketrans("", "", "·•・.")
JOB = Actor.job("conflicts")

MACHINE = Machine({"excluded": frozenset({"lifted"})})


class AlreadyDeclared(Refusal):
    """The same conflict stands already."""

    code = "already_declared"
    message = _("This is declared already.")


class TooManyDeclared(Refusal):
    """Nobody is in conflict with so many; the list is not for searching."""

    code = "too_many_declared"
    message = _("At most %(most)s conflicts can be declared here.")


def declare(
    project: Project,
    *,
    staff: Staff,
    kind: str,
    value: str,
    by: Staff,
    at: datetime,
    reason: str = "",
) -> DeclaredConflict:
    """Keep a conflict and exclude the examiner from everybody whom it meets.

    `value` is a name, the last six of an ID number, an institution, or a ticket number
    for the kind `candidate`. Raises `BadInput`, `AlreadyDeclared`, `TooManyDeclared`.
    """
    value = read_value(project, kind=kind, value=value)
    with transaction.atomic():
        # The person's row is the lock: the same twice at once is declared once.
        Staff.objects.select_for_update().get(pk=staff.pk)
        held = DeclaredConflict.objects.filter(
            staff=staff, project=project, withdrawn_at=None
        )
        digest = keys.lookup_hash(_folded(kind, value), purpose=f"conflict-{kind}")
        if held.filter(kind=kind, value_hash=digest).exists():
            raise AlreadyDeclared
        if held.count() >= MAX_DECLARED:
            raise TooManyDeclared(most=MAX_DECLARED)
        row = DeclaredConflict.objects.create(
            project=project,
            staff=staff,
            kind=kind,
            value=value,
            value_hash=digest,
            reason=reason.strip(),
            declared_by=by,
            declared_at=at,
        )
        _record("conflict.declared", row, by=Actor.of_staff(by), at=at)
        _match([row], _enrolments(project), at=at)
    return row


def withdraw(
    conflict: DeclaredConflict, *, reason: str, by: Actor, at: datetime
) -> None:
    """End a conflict that was declared by mistake, and lift what it excluded.

    An exclusion that another conflict holds as well stays. Raises `ReasonMissing`,
    `Conflict` when it is withdrawn already, and `ScoringOver`.
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        changed = DeclaredConflict.objects.filter(
            pk=conflict.pk, withdrawn_at=None
        ).update(withdrawn_at=at)
        if changed != 1:
            raise Conflict
        for match in conflict.matches.filter(state=MatchState.EXCLUDED):
            _lift(match, by=by, at=at)
        _record("conflict.withdrawn", conflict, by=by, at=at)


def lift_match(match: ConflictMatch, *, reason: str, by: Actor, at: datetime) -> None:
    """Lift one match, of a namesake; later imports do not bring it back.

    Raises `ReasonMissing`, `Conflict` when it excludes nobody, `ScoringOver`.
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        locked = ConflictMatch.objects.select_for_update().get(pk=match.pk)
        if locked.state != MatchState.EXCLUDED:
            raise Conflict
        _lift(locked, by=by, at=at)
        _record("conflict.lifted", match.conflict, by=by, at=at)


def match_project(project: Project, *, at: datetime) -> int:
    """Compare every standing conflict of a project with its roster; return how many
    matches are new. May run at any time and twice.
    """
    rows = list(DeclaredConflict.objects.filter(project=project, withdrawn_at=None))
    if not rows:
        return 0
    with transaction.atomic():
        return _match(rows, _enrolments(project), at=at)


def sweep_conflicts(*, at: datetime) -> int:
    """Match what committed imports brought; return how many imports were new.

    The pending state is `RosterImport.matched_at`: an import commits without waiting
    for this, and nobody scores before the exam.
    """
    waiting = RosterImport.objects.filter(
        state=ImportState.COMMITTED, matched_at=None
    ).select_related("session__project")
    done = 0
    for row in waiting:
        match_project(row.session.project, at=at)
        RosterImport.objects.filter(pk=row.pk).update(matched_at=at)
        done += 1
    return done


def _enrolments(project: Project) -> QuerySet[Enrolment]:
    # Once results are out nothing is scored any more.
    return Enrolment.objects.filter(
        session__project=project, mock_day__isnull=True
    ).exclude(session__state__in=SessionState.RESULTS_OUT)


def _match(
    conflicts: list[DeclaredConflict], enrolments: QuerySet[Enrolment], *, at: datetime
) -> int:
    known = set(
        ConflictMatch.objects.filter(conflict__in=conflicts).values_list(
            "conflict", "attempt"
        )
    )
    met: dict[int, list[int]] = {}
    for key, candidate in _meetings(conflicts, enrolments):
        met.setdefault(key, []).append(candidate)
    new = 0
    for conflict in conflicts:
        rows = enrolments.filter(candidate__in=met.get(conflict.pk, []))
        fresh = [
            row
            for row in rows.select_related("attempt")
            if (conflict.pk, row.attempt_id) not in known
        ]
        held = exclude(
            conflict.staff,
            [row.attempt for row in fresh],
            ref=conflict.code,
            by=JOB,
            at=at,
        )
        ConflictMatch.objects.bulk_create(
            ConflictMatch(
                conflict=conflict,
                candidate_id=row.candidate_id,
                attempt=row.attempt,
                state=MatchState.EXCLUDED
                if row.attempt_id in held
                else MatchState.TOO_LATE,
                at=at,
            )
            for row in fresh
        )
        new += len(fresh)
    return new


def _meetings(
    conflicts: list[DeclaredConflict], enrolments: QuerySet[Enrolment]
) -> Iterable[tuple[int, int]]:
    """Yield `(conflict key, candidate key)`; nothing is decrypted but the conflicts."""
    wanted = [(row, _folded(row.kind, row.value)) for row in conflicts]
    project = conflicts[0].project
    people_here = Candidate.objects.filter(pk__in=enrolments.values("candidate"))
    columns = ("pk", "ticket_number", "name", "post", "sign_in_hash")
    for key, ticket, name, post, sign_in in people_here.values_list(*columns).iterator(
        2000
    ):
        facts = {
            ConflictKind.NAME: _folded(ConflictKind.NAME, name),
            ConflictKind.CANDIDATE: ticket,
        }
        unit = _folded(ConflictKind.INSTITUTION, post)
        for row, text in wanted:
            if row.kind == ConflictKind.ID_SUFFIX:
                meets = people.sign_in_hash(project, ticket, text) == sign_in
            elif row.kind == ConflictKind.INSTITUTION:
                meets = text in unit
            else:
                meets = facts[row.kind] == text
            if meets:
                yield row.pk, key


def read_value(project: Project, *, kind: str, value: str) -> str:
    """Return the value as it is kept; raises `BadInput` with the bound."""
    text = " ".join(unicodedata.normalize("NFKC", value).split())
    if kind not in ConflictKind.values or not text.isprintable():
        raise BadInput(reason=_("The kind or the text is not known here."))
    if not 1 <= len(text) <= MAX_LENGTH:
        raise BadInput(
            reason=_("Enter 1 to %(most)s characters.") % {"most": MAX_LENGTH}
        )
    if kind == ConflictKind.ID_SUFFIX and not SUFFIX.fullmatch(people.normalise(text)):
        raise BadInput(reason=_("Enter the last six of the ID number, digits or X."))
    if kind == ConflictKind.INSTITUTION and len(text) < LEAST_INSTITUTION:
        raise BadInput(reason=_("Enter at least two characters of the institution."))
    if kind == ConflictKind.CANDIDATE:
        text = people.normalise_ticket(text)
        if not Candidate.objects.filter(project=project, ticket_number=text).exists():
            raise BadInput(reason=_("There is no candidate with this ticket number."))
    return text


def _folded(kind: str, text: str) -> str:
    """Return the text as it is compared: width, case, blanks and dots do not count."""
    if kind in (ConflictKind.ID_SUFFIX, ConflictKind.CANDIDATE):
        return people.normalise(text)
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(folded.split()).translate(DOTS)


def _lift(match: ConflictMatch, *, by: Actor, at: datetime) -> None:
    MACHINE.move(match, to=MatchState.LIFTED)
    others = ConflictMatch.objects.filter(
        conflict__staff=match.conflict.staff,
        attempt=match.attempt,
        state=MatchState.EXCLUDED,
    )
    if not others.exists():
        lift(match.conflict.staff, match.attempt, ref=match.conflict.code, by=by, at=at)


def _record(
    action: str, conflict: DeclaredConflict, *, by: Actor, at: datetime
) -> None:
    # What was typed is a person's; the entry names the row and its kind.
    record(
        action,
        by=by,
        at=at,
        subject=f"conflict:{conflict.code}",
        facts={
            "staff": conflict.staff_id,
            "kind": str(conflict.kind),
            "project": conflict.project_id,
        },
    )
