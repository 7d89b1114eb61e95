"""What happened to one attempt, newest first: events, observations, letters.

Facts in the order of their time; never a verdict (R82), never a name.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from candidates.enums import (
    CheckInState,
    CompanionState,
    ObservationKind,
    RecordingState,
    Stream,
)
from candidates.events import attempt_topic
from candidates.models import Observation
from candidates.queries.inbox import items_of
from exams.enums import AttemptState, Stage
from exams.kernel.clock import milliseconds
from exams.models import Attempt, Event
from proctoring.queries.incidents import incidents_of

MOST = 60
# type → (tone, icon, words, the payload's word that goes below)
EVENTS = {
    "attempt.moved": ("info", "right", gettext_lazy("State of the attempt"), "to"),
    "check_in.requested": ("info", "face", gettext_lazy("Asked to be checked"), ""),
    "check_in.decided": ("info", "face", gettext_lazy("Identity decided"), "state"),
    "draw.number_drawn": ("ok", "lot", gettext_lazy("Number drawn"), "number"),
    "lease.activated": ("warn", "swap", gettext_lazy("Another browser acts now"), ""),
    "lease.refused": ("info", "swap", gettext_lazy("Change of computer refused"), ""),
    "recording.moved": ("info", "upload", gettext_lazy("Recording"), "to"),
    "companion.moved": ("info", "phone", gettext_lazy("Phone"), "to"),
    "stage.finished": ("ok", "ok", gettext_lazy("Stage finished"), "stage"),
}
OBSERVED = {
    ObservationKind.FOCUS_LOST: ("warn", "window"),
    ObservationKind.FOCUS_LIMIT: ("bad", "window"),
    ObservationKind.SHARE_STOPPED: ("bad", "screen"),
    ObservationKind.DEVICE_LOST: ("bad", "camera-off"),
    ObservationKind.COMPUTER_GONE: ("warn", "net-off"),
    ObservationKind.TAKEOVER: ("warn", "swap"),
}
LETTERS = {
    "warning": ("warn", "flag"),
    "message": ("info", "send"),
    "announcement": ("info", "megaphone"),
}
LABELS = {
    "to": {
        **dict(AttemptState.choices),
        **dict(RecordingState.choices),
        **dict(CompanionState.choices),
    },
    "state": dict(CheckInState.choices),
    "stage": dict(Stage.choices),
}
NOT_ACKNOWLEDGED = pgettext_lazy("inbox", "Not acknowledged yet")


def timeline_of(attempt: Attempt) -> list[dict]:
    """Return the newest lines `{at_ms, tone, icon, title, text, until, until_ms}`.

    `title` and `text` are in the reader's language. `until_ms` is when a thing that
    lasted was over (`until` is "over"), or when a letter was acknowledged or read
    ("acknowledged", "read"); null while it is none of these.
    """
    lines = [
        *_events(attempt),
        *_observations(attempt),
        *_letters(attempt),
        *_incidents(attempt),
    ]
    return sorted(lines, key=lambda line: -line["at_ms"])[:MOST]


def _line(
    at: datetime | int,
    tone: str,
    icon: str,
    title: object,
    text: object = "",
    until: tuple[str, int | None] = ("over", None),
) -> dict:
    return {
        "at_ms": at if isinstance(at, int) else milliseconds(at),
        "tone": tone,
        "icon": icon,
        "title": str(title),
        "text": str(text),
        "until": until[0],
        "until_ms": until[1],
    }


def _events(attempt: Attempt) -> Iterator[dict]:
    rows = Event.objects.filter(
        topic__name=attempt_topic(attempt.code), type__in=EVENTS
    ).order_by("-seq")[:MOST]
    for row in rows:
        tone, icon, title, key = EVENTS[row.type]
        told = row.payload.get(key, "") if key else ""
        yield _line(row.at, tone, icon, title, LABELS.get(key, {}).get(told, told))


def _observations(attempt: Attempt) -> Iterator[dict]:
    streams = dict(Stream.choices)
    for row in Observation.objects.filter(attempt=attempt).order_by("-pk")[:MOST]:
        tone, icon = OBSERVED.get(row.kind, ("info", "eye"))
        yield _line(
            row.from_at,
            tone,
            icon,
            row.get_kind_display(),
            streams.get(row.stream, ""),
            ("over", row.to_at and milliseconds(row.to_at)),
        )


def _letters(attempt: Attempt) -> Iterator[dict]:
    for item in items_of(attempt):
        tone, icon = LETTERS.get(item["kind"], ("info", "file"))
        title, until = item["kind_title"], ("read", item["read_ms"])
        if item["must_acknowledge"]:
            until = ("acknowledged", item["acknowledged_ms"])
            if item["acknowledged_ms"] is None:
                title = f"{title} · {NOT_ACKNOWLEDGED}"
        text = item["body"] or item["title"]
        yield _line(item["sent_ms"], tone, icon, title, text, until)


def _incidents(attempt: Attempt) -> Iterator[dict]:
    for row in incidents_of(attempt):
        words = [row.article.label if row.article else "", row.note]
        text = " ".join(word for word in words if word)
        yield _line(row.from_at, "bad", "flag", _("Incident"), text)
