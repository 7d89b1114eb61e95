"""What the staff's own pages let whom do: desk, grid, marking, review."""

from tests.policy.personas import (
    ADMINISTRATORS,
    BOSS,
    DESK,
    EVERYBODY,
    EXAMINERS,
    NOBODY,
    OWN,
    SIGNED_IN,
    WATCHERS,
)
from tests.policy.row import Row, everywhere

STAFF = (
    Row("staff:home", SIGNED_IN),
    Row("staff:sign-in", EVERYBODY - SIGNED_IN, past=dict.fromkeys(SIGNED_IN, 302)),
    Row(
        "staff:sign-in",
        EVERYBODY - SIGNED_IN,
        method="POST",
        past=dict.fromkeys(SIGNED_IN, 302),
    ),
    everywhere("staff:sign-out", method="POST", gives=302),
    # Steps of a sign-in that has begun; whoever has begun none is sent to its door.
    Row("staff:second-step", NOBODY),
    Row("staff:second-step", NOBODY, method="POST"),
    Row("staff:new-password", NOBODY),
    Row("staff:new-password", NOBODY, method="POST"),
    Row("staff:security", SIGNED_IN),
    Row("staff:security", SIGNED_IN, method="POST"),
    # The world gave no link: everybody hears the same.
    Row("staff:link", NOBODY, target="token"),
    Row("staff:link", NOBODY, method="POST", target="token"),
    Row("checkins:queue", DESK),
    Row(
        "checkins:check-in", DESK, target="check_in", beside=ADMINISTRATORS, there=BOSS
    ),
    Row(
        "checkins:check-in",
        DESK,
        method="POST",
        gives=302,
        target="check_in",
        body={"decision": "approve"},
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row("checkins:code", DESK, target="asking", beside=ADMINISTRATORS, there=BOSS),
    Row(
        "checkins:code",
        DESK,
        method="POST",
        target="asking",
        body={"reason": "摄像头坏了"},
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row("checkins:photo", DESK, target="photo", beside=ADMINISTRATORS, there=BOSS),
    Row(
        "checkins:roster-photo",
        DESK,
        target="check_in",
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    # Nobody here missed a draw: refused, after the right to do it was checked.
    Row(
        "checkins:number",
        DESK,
        method="POST",
        gives=409,
        target="attempt",
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row(
        "checkins:takeover",
        DESK,
        method="POST",
        gives=302,
        target="takeover",
        body={"decision": "refuse"},
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
)


def watched(name: str, target: str = "seat", **more: object) -> Row:
    """A proctor's row about one attempt: their own rooms, and nobody else's."""
    return Row(name, WATCHERS, target=target, beside=ADMINISTRATORS, there=BOSS, **more)


GRID = (
    Row("proctor:grid", WATCHERS),
    watched("proctor:one"),
    watched("proctor:live"),
    watched("proctor:timeline"),
    watched("proctor:chunks", target="live_chunk"),
    watched("proctor:thumbnail", target="thumbnail"),
    watched("proctor:message", method="POST", gives=302, body={"text": "m"}),
    watched("proctor:warning", method="POST", gives=302, body={"text": "w"}),
    # Administrators look on; what a proctor or an official saw is theirs to note.
    Row(
        "proctor:incident",
        frozenset({"proctor"}),
        method="POST",
        gives=302,
        target="seat",
        body={"note": "x", "before": "20", "after": "10"},
    ),
)

# A sheet is one examiner's: `here` it is `examiner`'s, `beside` a colleague's.
MINE = frozenset({"examiner"})
EXAMINER = (
    Row("examiner:index", EXAMINERS),
    Row("examiner:desk", EXAMINERS, target="session"),
    Row(
        "examiner:desk",
        EXAMINERS,
        method="POST",
        gives=302,
        target="session",
        body={"number": "17"},
    ),
    Row("examiner:sheet", MINE, target="sheet"),
    Row(
        "examiner:marks",
        MINE,
        method="POST",
        gives=302,
        target="sheet",
        body={"mark-1": "20"},
    ),
    Row("examiner:submission", MINE, gives=302, target="sheet"),
    Row("examiner:submission", MINE, method="POST", gives=422, target="sheet"),
    Row("examiner:part", MINE, target="part"),
)

# What an examiner declares; the reply tells nothing of whom it meets.
CONFLICTS = (
    Row("conflicts:own", EXAMINERS),
    Row("conflicts:own", EXAMINERS, method="POST", gives=422),
)

# Cases are the officials' of the session; the candidate of the attempt reads their own.
OFFICIALS = frozenset({"official"})
REVIEW = (
    Row("review:desk", OFFICIALS),
    Row("review:attempt", OFFICIALS, target="attempt"),
    Row("review:attempt", OFFICIALS, method="POST", gives=422, target="attempt"),
    Row("review:dismiss", OFFICIALS, target="incident"),
    Row(
        "review:dismiss",
        OFFICIALS,
        method="POST",
        gives=302,
        target="incident",
        body={"reason": "nothing to see"},
    ),
    Row("review:hold", OFFICIALS, target="attempt"),
    Row("review:hold", OFFICIALS, method="POST", gives=422, target="attempt"),
    Row("review:case", OFFICIALS, target="case"),
    Row("review:step", OFFICIALS, target="case_step"),
    Row(
        "review:step",
        OFFICIALS,
        method="POST",
        gives=302,
        target="case_step",
        body={"hours": "24"},
    ),
    Row("review:results", OFFICIALS, target="session"),
    Row("review:recheck", OFFICIALS, target="recheck"),
    Row(
        "review:recheck",
        OFFICIALS,
        method="POST",
        gives=302,
        target="recheck",
        body={"outcome": "kept", "text": "added up again"},
    ),
    Row("review:film", OFFICIALS, target="film"),
    Row("cases:case", OWN - {"waiting"}, target="told_case"),
    Row(
        "cases:case",
        frozenset({"claimed", "verified"}),
        method="POST",
        gives=302,
        target="told_case",
        body={"answer": "waive"},
    ),
)
