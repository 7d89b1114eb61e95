"""The events of the candidates' floor, and what a socket carries.

An event's payload is one of these shapes; topics are named by the functions below.
"""

from typing import TypedDict


class CheckInRequested(TypedDict):
    """`check_in.requested` on `attempt:<code>`: photos wait for a person."""


class CheckInDecided(TypedDict):
    """`check_in.decided` on `attempt:<code>`."""

    state: str


class FaceCheckDecided(TypedDict):
    """`face_check.decided` on `attempt:<code>`: passed, review or failed."""

    state: str


class StageFinished(TypedDict):
    """`stage.finished` on `attempt:<code>`."""

    stage: str


class LeaseActivated(TypedDict):
    """`lease.activated` on `attempt:<code>`: another browser acts from now on."""

    epoch: int


class LeaseRefused(TypedDict):
    """`lease.refused` on `attempt:<code>`: a takeover was not granted."""


class RecordingsCreated(TypedDict):
    """`recordings.created` on `attempt:<code>`: their codes, one per stream."""

    recordings: list[str]


RecordingMoved = TypedDict("RecordingMoved", {"recording": str, "from": str, "to": str})
RecordingMoved.__doc__ = "`recording.moved` on `attempt:<code>`."


class InboxNews(TypedDict):
    """`inbox.delivered`, `inbox.acknowledged` on `attempt:<code>`: an item's code."""

    item: str


CompanionMoved = TypedDict("CompanionMoved", {"companion": str, "from": str, "to": str})
CompanionMoved.__doc__ = "`companion.moved` on `attempt:<code>`: a code or a phone."


class StaffNews(TypedDict):
    """`check_in.*` and `takeover.requested` on `staff:checkins:<project>`."""

    attempt: str


# A type that two topics carry has a shape for each.
TYPES: dict[str, tuple[type, ...]] = {
    "check_in.requested": (CheckInRequested, StaffNews),
    "check_in.decided": (CheckInDecided, StaffNews),
    "face_check.decided": (FaceCheckDecided,),
    "stage.finished": (StageFinished,),
    "lease.activated": (LeaseActivated,),
    "lease.refused": (LeaseRefused,),
    "takeover.requested": (StaffNews,),
    "recordings.created": (RecordingsCreated,),
    "recording.moved": (RecordingMoved,),
    "inbox.delivered": (InboxNews,),
    "inbox.acknowledged": (InboxNews,),
    "companion.moved": (CompanionMoved,),
}


def attempt_topic(code: str) -> str:
    """The candidate of the attempt and its staff listen here."""
    return f"attempt:{code}"


def check_ins_topic(project_slug: str) -> str:
    """The identity queue of a project listens here."""
    return f"staff:checkins:{project_slug}"
