"""What a tile of the grid says of one attempt; never a name (E12).

`facts_of` reads the rows of many attempts at once; `tile_of` joins them with what the
board heard, without the database. What other parts of the portal know comes through
the functions named `…_of` at the end: each returns `{attempt pk: value}` and leaves
out whom it knows nothing of.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from candidates.domain.presence import Heard
from candidates.domain.thumbnails import thumbnail_version
from candidates.enums import CheckInState, CompanionState, LeaseState, Stream
from candidates.models import CheckIn, Companion, DeviceLease, Presence
from exams.domain.schedule import Schedule
from exams.enums import AttemptState
from exams.kernel import clock
from exams.models import Attempt, DrawnNumber
from proctoring.models import HelpWaiting
from proctoring.queries.incidents import open_counts

SILENT = timedelta(seconds=15)
# Whom another process hears is known from rows, which are ten seconds behind.
SILENT_ELSEWHERE = timedelta(seconds=25)
BACKLOG_CHUNKS = 30
# state → (tone, severity); the page has a word and an icon for each state.
STATES = {
    "disconnected": ("bad", 90),
    "camera_lost": ("bad", 85),
    "screen_lost": ("bad", 80),
    "help": ("bad", 75),
    "incident": ("bad", 70),
    "phone_gone": ("warn", 60),
    "away": ("warn", 55),
    "offline": ("warn", 50),
    "backlog": ("warn", 45),
    "checking": ("info", 35),
    "answering": ("ok", 30),
    "uploading": ("info", 25),
    "preparing": ("info", 20),
    "expected": ("idle", 15),
    "done": ("idle", 10),
    "absent": ("idle", 5),
}
ALARMING = frozenset({"disconnected", "help", "incident", "phone_gone"})


@dataclass(frozen=True)
class Facts:
    """What the rows know of an attempt, at the time of one look."""

    code: str
    place: tuple[int, int | None]
    state: str
    number: int | None
    ends: datetime
    heard: Heard | None
    waits: bool
    unread: int
    incidents: int
    phone: str
    pictures: dict[str, int]

    @property
    def label(self) -> str:
        """The sequence number; before the draw the head of the code."""
        return f"{self.number:03}" if self.number is not None else self.code[:6]


def facts_of(attempts: Collection[int]) -> dict[str, Facts]:
    """Return `{attempt code: facts}`; a fixed number of queries for any number."""
    number = DrawnNumber.objects.filter(attempt=OuterRef("pk")).values("number")[:1]
    rows = (
        Attempt.objects.filter(pk__in=attempts)
        .select_related("session")
        .annotate(drawn=Subquery(number))
    )
    heard = {
        row.attempt_id: Heard(row.at, row.facts)
        for row in Presence.objects.filter(attempt__in=attempts)
    }
    waiting = _waiting_of(attempts)
    unread, incidents = unread_of(attempts), open_counts(attempts)
    phones = phones_of(attempts)
    return {
        row.code: Facts(
            code=row.code,
            place=(row.session_id, row.room_id),
            state=row.state,
            number=row.drawn,
            ends=Schedule.of(row.session, row).ends,
            heard=heard.get(row.pk),
            waits=row.pk in waiting,
            unread=unread.get(row.pk, 0),
            incidents=incidents.get(row.pk, 0),
            phone=phones.get(row.pk, ""),
            pictures=pictures_of(row.code),
        )
        for row in rows
    }


def tile_of(facts: Facts, heard: Heard | None, *, at: datetime) -> dict:
    """Return the tile; `heard` is this process's board, or None.

    `{attempt, label, state, tone, rank, stage, last_seen_ms, backlog_chunks,
    pictures: {stream: version}, phone, unread, incidents}`; `last_seen_ms` is null
    for whom nobody ever heard.
    """
    newest, patience = heard, SILENT
    if facts.heard and (heard is None or facts.heard.at > heard.at):
        newest, patience = facts.heard, SILENT_ELSEWHERE
    told = newest.facts if newest else {}
    is_silent = newest is None or at - newest.at > patience
    state = state_of(facts, told, is_silent=is_silent, at=at)
    tone, rank = STATES[state]
    return {
        "attempt": facts.code,
        "label": facts.label,
        "state": state,
        "tone": tone,
        "rank": rank,
        "stage": told.get("stage") or "",
        "last_seen_ms": clock.milliseconds(newest.at) if newest else None,
        "backlog_chunks": told.get("backlog_chunks"),
        "pictures": facts.pictures,
        "phone": facts.phone,
        "unread": facts.unread,
        "incidents": facts.incidents,
    }


def state_of(facts: Facts, told: dict, *, is_silent: bool, at: datetime) -> str:
    """Return the worst thing that is true of the attempt, as a key of `STATES`."""
    if facts.state in (AttemptState.ABSENT, AttemptState.WITHDRAWN):
        return "absent"
    sits = facts.state == AttemptState.ENTERED and at < facts.ends
    if sits:
        found = _while_sitting(told, is_silent=is_silent)
    elif facts.state in AttemptState.PRESENT:
        is_open = facts.state in (AttemptState.ENTERED, AttemptState.SUBMITTED)
        found = {"uploading" if is_open else "done"}
    else:
        found = {"expected" if is_silent else "preparing"}
    found |= _whenever(facts)
    return max(found, key=lambda state: STATES[state][1])


def _while_sitting(told: dict, *, is_silent: bool) -> set[str]:
    streams = told.get("recording", ["camera", "screen"])
    found = {
        "answering": True,
        "disconnected": is_silent,
        "camera_lost": "camera" not in streams,
        "screen_lost": "screen" not in streams,
        "away": not told.get("visible", True),
        "offline": not told.get("online", True),
        "backlog": told.get("backlog_chunks", 0) >= BACKLOG_CHUNKS,
    }
    return {state for state, is_so in found.items() if is_so}


def _whenever(facts: Facts) -> set[str]:
    found = {
        "help": facts.unread > 0,
        "incident": facts.incidents > 0,
        "phone_gone": facts.phone == "gone",
        "checking": facts.waits,
    }
    return {state for state, is_so in found.items() if is_so}


def _waiting_of(attempts: Collection[int]) -> set[int]:
    """Who waits for a person: an identity check, or another computer."""
    checks = CheckIn.objects.filter(attempt__in=attempts, state=CheckInState.WAITING)
    leases = DeviceLease.objects.filter(attempt__in=attempts, state=LeaseState.WAITING)
    return {
        *checks.values_list("attempt", flat=True),
        *leases.values_list("attempt", flat=True),
    }


def pictures_of(code: str) -> dict[str, int]:
    """Return `{stream: version}` of the stored thumbnails."""
    versions = {stream: thumbnail_version(code, stream) for stream in Stream.values}
    return {stream: version for stream, version in versions.items() if version}


def unread_of(attempts: Collection[int]) -> dict[int, int]:
    """Messages nobody has read; the helpdesk tells them to `domain.alarms`."""
    rows = HelpWaiting.objects.filter(attempt__in=attempts, unread__gt=0)
    return dict(rows.values_list("attempt", "unread"))


def phones_of(attempts: Collection[int]) -> dict[int, str]:
    """`on` or `gone` for those whose phone is bound."""
    rows = Companion.objects.filter(attempt__in=attempts, state__in=CompanionState.LIVE)
    return {
        attempt: "gone" if gone_since else "on"
        for attempt, gone_since in rows.values_list("attempt", "gone_since")
    }
