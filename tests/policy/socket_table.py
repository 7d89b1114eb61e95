"""What sockets may be told and tell: one row per message and event."""

from tests.policy.personas import ACTIVE_OWN, ANSWERERS, HOLDERS, NOBODY, WATCHERS

# What a socket may say, and how it is answered.
INBOUND = {"heartbeat": HOLDERS}
FRAMES = {"events": HOLDERS - {"superseded"}, "lease_lost": frozenset({"superseded"})}
# The grid's socket: what a proctor's page may say, and what it hears.
GRID_INBOUND = {"heartbeat": WATCHERS}
GRID_FRAMES = {"tiles": WATCHERS, "alarm": WATCHERS}
# What the sockets of conversations may be told, and what they answer beside events.
HELP_INBOUND = {"post": ACTIVE_OWN | ANSWERERS, "read": ACTIVE_OWN | ANSWERERS}
HELP_FRAMES = {"accepted": ACTIVE_OWN | ANSWERERS, "refused": ACTIVE_OWN | ANSWERERS}
# Which event reaches whom. A browser that waits hears of leases only; what goes to
# a session or to the staff's queue reaches no candidate.
ACTIVE = frozenset({"claimed", "verified"})
ON_THE_ATTEMPT = (
    "face_check.decided",
    *("attempt.moved", "check_in.requested", "check_in.decided", "draw.number_drawn"),
    "companion.moved",
    *("recordings.created", "recording.moved", "result.released", "stage.finished"),
    *("inbox.delivered", "inbox.acknowledged"),
    *("result.voided", "result.restored"),
)
EVENTS = {
    **dict.fromkeys(ON_THE_ATTEMPT, ACTIVE),
    "lease.activated": ACTIVE | {"waiting"},
    "lease.refused": ACTIVE | {"waiting"},
    "takeover.requested": NOBODY,
    "draw.closed": NOBODY,
    "incident.opened": NOBODY,
    "case.moved": NOBODY,
    "session.moved": NOBODY,
    # On the room's topic: it rings for the proctors' tiles and is sent to nobody.
    "room.alarmed": NOBODY,
    "message.posted": NOBODY,
    "message.read": NOBODY,
    "request.moved": NOBODY,
    "request.opened": NOBODY,
}
