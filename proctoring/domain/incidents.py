"""Incidents: what was noticed of an attempt and waits for a person.

Owns `Incident` and its machine. Turns observations into incidents, once each; writes
no state of an attempt and decides nothing about anybody (R57, R82, R101).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from candidates.enums import ObservationKind
from candidates.models import Observation
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import Actor, record
from exams.domain.events import publish
from exams.enums import SessionKind
from exams.kernel.errors import BadInput
from exams.kernel.states import Machine
from exams.models import Attempt, Staff
from proctoring.access import require_official, require_watcher
from proctoring.domain.alarms import raise_alarm
from proctoring.enums import IncidentSource, IncidentState
from proctoring.events import staff_topic
from proctoring.models import Article, Case, Incident

MACHINE = Machine({"open": frozenset({"dismissed", "in_case"})})
# Bytes that came late are the network's doing and are in the ledger anyway, as is what
# never came. What is noticed of a mock test is nobody's violation either.
QUIET = frozenset({ObservationKind.LATE_CHUNK, ObservationKind.UPLOAD_LEFT})
LONGEST_CLIP = timedelta(hours=2)
MAX_NOTE = 500
BATCH = 500


def take_up(observations: Iterable[Observation], *, at: datetime) -> int:
    """Make one incident of each observation that has none; return how many.

    Idempotent: the signal and the sweep may bring the same observation, together too.
    """
    made = 0
    for one in observations:
        if one.kind in QUIET or one.attempt.session.kind == SessionKind.MOCK:
            continue
        with transaction.atomic():
            incident, is_new = Incident.objects.get_or_create(
                observation=one,
                defaults={
                    "attempt": one.attempt,
                    "source": IncidentSource.OBSERVATION,
                    "kind": one.kind,
                    "stream": one.stream,
                    "from_at": one.from_at,
                    "to_at": max(one.from_at, one.to_at or one.from_at),
                    "at": at,
                },
            )
            if is_new:
                _tell(incident, at=at)
        made += is_new
    return made


def sweep_incidents(*, at: datetime) -> int:
    """Take up observations whose signal was missed; return how many."""
    taken = Incident.objects.filter(observation=OuterRef("pk"))
    missed = (
        Observation.objects.filter(~Exists(taken))
        .exclude(kind__in=QUIET)
        .exclude(attempt__session__kind=SessionKind.MOCK)
        .select_related("attempt__session")
        .order_by("pk")[:BATCH]
    )
    return take_up(missed, at=at)


def note_incident(
    attempt: Attempt,
    *,
    article: Article | None,
    from_at: datetime,
    to_at: datetime,
    note: str,
    by: Staff,
    at: datetime,
) -> Incident:
    """Keep what a proctor of the room, or an official, saw; `to_at` ends the clip.

    Raises `NotAllowed`, and `BadInput` for a clip that runs backwards or for over two
    hours, for a long note, or an article of another project or out of force.
    """
    require_watcher(by, attempt)
    require_clip(from_at, to_at)
    if article is not None:
        require_article(article, attempt)
    if len(note.strip()) > MAX_NOTE:
        raise BadInput(reason="note")
    with transaction.atomic():
        lock(attempt)
        incident = Incident.objects.create(
            attempt=attempt,
            source=IncidentSource.PROCTOR,
            article=article,
            from_at=from_at,
            to_at=to_at,
            note=note.strip(),
            noted_by=by,
            at=at,
        )
        record(
            "incident.noted",
            by=Actor.of_staff(by),
            at=at,
            subject=f"attempt:{attempt.code}",
            facts={
                "incident": incident.code,
                "article": article.code if article else "",
            },
            chain=attempt.session.code,
        )
        _tell(incident, at=at)
    return incident


def dismiss_incident(
    incident: Incident, *, reason: str, by: Staff, at: datetime
) -> Incident:
    """An official looked at it and sees no problem.

    Raises `ReasonMissing`, `NotAllowed`, `IllegalMove` or `Conflict`.
    """
    if not reason.strip():
        raise ReasonMissing
    require_official(by, incident.attempt)
    return _decide(
        incident,
        to=IncidentState.DISMISSED,
        by=by,
        at=at,
        reason=reason.strip()[:MAX_NOTE],
    )


def put_in_case(incident: Incident, case: Case, *, by: Staff, at: datetime) -> Incident:
    """Make an open incident part of a case of the same attempt; in a transaction."""
    if incident.attempt_id != case.attempt_id:
        raise BadInput(reason="incident")
    return _decide(incident, to=IncidentState.IN_CASE, by=by, at=at, case=case)


def require_clip(from_at: datetime, to_at: datetime) -> None:
    """Raise `BadInput` unless the clip runs forward, for two hours at most."""
    if not timedelta() <= to_at - from_at <= LONGEST_CLIP:
        raise BadInput(reason="from, to")


def require_article(article: Article, attempt: Attempt) -> None:
    """Raise `BadInput` unless the article is in force in the attempt's project."""
    if not article.is_current or article.project_id != attempt.session.project_id:
        raise BadInput(reason="article")


def lock(attempt: Attempt) -> Attempt:
    """Lock the attempt, which comes before topics and the audit chain everywhere."""
    return (
        Attempt.objects.select_for_update(of=("self",), no_key=True)
        .select_related("session")
        .get(pk=attempt.pk)
    )


def _decide(
    incident: Incident, *, to: str, by: Staff, at: datetime, **columns: object
) -> Incident:
    with transaction.atomic():
        MACHINE.move(incident, to=to, decided_by=by, decided_at=at, **columns)
        record(
            f"incident.{to}",
            by=Actor.of_staff(by),
            at=at,
            subject=f"attempt:{incident.attempt.code}",
            facts={"incident": incident.code, "reason": incident.reason},
            chain=incident.attempt.session.code,
        )
    return incident


def _tell(incident: Incident, *, at: datetime) -> None:
    topic = staff_topic(incident.attempt.code)
    publish(topic, "incident.opened", {"incident": incident.code}, at=at)
    raise_alarm(incident.attempt, reason="incident", at=at)
