"""What was done to one candidate's row of the roster, and where it came from."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from candidates.enums import RosterChangeKind
from candidates.models import Candidate, RosterChange
from candidates.queries.roster import FIELD_NAMES
from exams.models import AuditEntry
from exams.queries.acts import act_words
from exams.queries.audit_trail import actor_names, name_people
from exams.queries.fact_words import fact_text
from exams.queries.history import Attempts, Happened

COMMITTED = "roster.committed"
ROSTER_ACTS = (COMMITTED, "roster.enrolled")
PHOTO_SET = "candidate.photo_set"
ICONS = {"gone": "warn", "photo_set": "face", "photo_replaced": "face"}
TONES = {"gone": "warn"}


def roster(candidate: Candidate, attempts: Attempts) -> Iterator[Happened]:
    """Yield how the row came, and every change of it; nine queries at most."""
    changes = list(RosterChange.objects.filter(candidate=candidate))
    if candidate.brought_by_id:
        yield from _coming(candidate.brought_by_id)
    else:
        # Enrolled without a file: every act that it may have been.
        chains = {row.session.code for row in attempts.values()}
        acts = AuditEntry.objects.filter(chain__in=chains, action__in=ROSTER_ACTS)
        yield from _acts(candidate, acts)
    yield from _changes(candidate, changes)
    own = AuditEntry.objects.filter(subject=f"candidate:{candidate.pk}")
    told = [row.at for row in changes]
    yield from _acts(candidate, own.exclude(action=PHOTO_SET, at__in=told))


def _coming(key: int) -> Iterator[Happened]:
    row = AuditEntry.objects.filter(action=COMMITTED, subject=f"roster:{key}")
    for entry in name_people(list(row)):
        text, url = f"{entry.who} · {entry.where}", _import_page(key)
        yield Happened(
            entry.at, "roster", _("Put on the roster"), text, url, icon="list"
        )


def _changes(candidate: Candidate, changes: list[RosterChange]) -> Iterator[Happened]:
    who = actor_names((row.actor_kind, row.actor_ref) for row in changes)
    for row in changes:
        url = _own_page(candidate)
        if row.roster_import_id:
            url = _import_page(row.roster_import_id)
        elif row.photo_batch_id:
            url = reverse("admin:photos_preview", args=[row.photo_batch_id])
        names = ", ".join(_names(row)) if row.kind == RosterChangeKind.CHANGED else ""
        yield Happened(
            row.at,
            "roster",
            row.get_kind_display(),
            " · ".join(filter(None, (names, who[row.actor_kind, row.actor_ref]))),
            url,
            tone=TONES.get(row.kind, "idle"),
            icon=ICONS.get(row.kind, "list"),
        )


def _acts(candidate: Candidate, rows: QuerySet[AuditEntry]) -> Iterator[Happened]:
    for row in name_people(list(rows)):
        kind, _colon, ref = row.subject.partition(":")
        url = _own_page(candidate)
        if kind == "roster" and ref.isdecimal():
            url = _import_page(int(ref))
        text = f"{row.who} · {fact_text(row)}"
        yield Happened(row.at, "roster", act_words(row.action), text, url, icon="list")


def _names(row: RosterChange) -> list[str]:
    return [str(FIELD_NAMES.get(name, name)) for name in row.fields.split(",")]


def _import_page(key: int) -> str:
    return reverse("admin:roster_preview", args=[key])


def _own_page(candidate: Candidate) -> str:
    return reverse("admin:candidates_candidate_change", args=[candidate.pk])
