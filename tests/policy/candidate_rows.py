"""What a candidate, their computer and their phone may do."""

from candidates.domain.checkin import CONSENT_VERSION
from candidates.domain.face_login import CONSENT_VERSION as FACE_CONSENT_VERSION
from exams.kernel import clock
from tests.builders.exams import before_start
from tests.policy.personas import (
    ACTIVE_OWN,
    HOLDERS,
    OWN,
    PHONES,
    VERIFIED,
)
from tests.policy.row import Row, everywhere

PHOTOS = 2
# The open face check of the attempt `here`, on the lease that is `claimed`.
CHALLENGE = "facecheckofhere"
NOTICED = {
    "kind": "focus_lost",
    "stream": "",
    "from_ms": clock.milliseconds(before_start(1300)),
    "to_ms": clock.milliseconds(before_start(1299)),
    "facts": {},
}


PUBLIC = (
    everywhere("healthz"),
    # No worker runs beside the tests, which the page has to say.
    everywhere("readyz", gives=503),
    everywhere("set_language", method="POST", gives=302, body={"language": "en"}),
    everywhere("integrity:keys"),
    everywhere("integrity:draw", target="session"),
    everywhere("candidate:landing"),
    everywhere("candidate:entry", target="project"),
    everywhere("candidate:entry", method="POST", target="project", gives=403),
    everywhere("candidate:sign-out", method="POST", target="project", gives=302),
)

CANDIDATE = (
    Row("candidate:home", HOLDERS, target="project", beside=HOLDERS),
    # Another project's file is not there, whoever asks.
    Row("candidate:document-file", HOLDERS, target="file", beside=HOLDERS),
    Row("candidate:exam", OWN, target="attempt"),
    Row("candidate:result", OWN, target="attempt"),
    # Nothing is released: refused, after the right to ask was checked.
    Row(
        "candidate:recheck",
        ACTIVE_OWN,
        method="POST",
        gives=409,
        target="attempt",
        body={"text": "x"},
    ),
    Row(
        "candidate:face-withdrawal",
        HOLDERS - {"waiting"},
        method="POST",
        gives=302,
        target="project",
        beside=HOLDERS - {"waiting"},
    ),
    Row("candidate:ticket", OWN - {"waiting"}, target="attempt"),
    Row("candidate:ticket-file", OWN - {"waiting"}, target="ticket_file"),
    Row("candidate:ticket-photo", OWN - {"waiting"}, target="attempt"),
    Row("candidate:open", OWN, method="POST", gives=302, target="open"),
)

MOCKS = (
    # Any browser of the project's candidates, also one that waits for a takeover.
    Row(
        "candidate:mock",
        HOLDERS,
        method="POST",
        gives=302,
        target="mock",
        beside=HOLDERS,
    ),
)

FACES = (
    Row(
        "api:face-challenges",
        frozenset({"claimed"}),
        method="POST",
        gives=201,
        body={"consent_version": FACE_CONSENT_VERSION},
        past=dict.fromkeys(VERIFIED, 409),
    ),
    Row(
        "api:face-answers",
        frozenset({"claimed"}),
        method="POST",
        body={"challenge": CHALLENGE, "frames": 3},
        past={"verified": 409},
    ),
)

API = (
    *FACES,
    Row("api:state", HOLDERS),
    Row("api:documents", HOLDERS, body={"stage": "flow"}),
    Row("api:information", VERIFIED),
    Row(
        "api:check-ins",
        frozenset({"claimed"}),
        method="POST",
        gives=201,
        body={"consent": "on", "consent_version": CONSENT_VERSION, "photos": PHOTOS},
        past=dict.fromkeys(VERIFIED, 409),
    ),
    # No code was given, which only whoever has to prove themselves is told.
    Row(
        "api:identity-code",
        frozenset({"claimed"}),
        method="POST",
        gives=422,
        body={"digits": "00000000"},
        past=dict.fromkeys(VERIFIED, 409),
    ),
    Row("api:stage", VERIFIED, method="POST", target="stage"),
    Row("api:draw", VERIFIED, method="POST", gives=409, body={"nonce": "ab" * 16}),
    Row("api:enter", VERIFIED, method="POST", gives=409),
    Row("api:submit", VERIFIED, method="POST", gives=409, body={"confirm": True}),
    Row(
        "api:seal",
        HOLDERS - {"waiting"},
        method="POST",
        gives=409,
        body={
            "recordings": [
                {"code": "00000000-0000-4000-8000-000000000000", "segments": []}
            ]
        },
    ),
    Row(
        "api:upload-leave",
        VERIFIED | {"claimed"},
        method="POST",
        gives=409,
        body={"how": "confirmed"},
    ),
    Row(
        "api:observations",
        HOLDERS - {"waiting"},
        method="POST",
        gives=202,
        body={"items": [NOTICED]},
    ),
    Row("api:inbox", HOLDERS - {"waiting"}),
    Row(
        "api:inbox-read",
        OWN - {"waiting"},
        method="POST",
        gives=204,
        target="inbox_item",
    ),
    Row(
        "api:inbox-acknowledge",
        OWN - {"waiting"},
        method="POST",
        gives=204,
        target="inbox_item",
    ),
    # What is sent here is no picture, which only the holder is told.
    Row("api:thumbnail", VERIFIED, method="PUT", gives=415, target="stream"),
)

# The computer's side of the phone.
COMPANION_API = (
    # There is none in a session without a phone; others are refused before that.
    Row("api:companion", VERIFIED, past=dict.fromkeys(VERIFIED, 404)),
    Row("api:companion", VERIFIED, method="POST", gives=409),
    Row(
        "api:companion-match",
        VERIFIED,
        method="POST",
        gives=409,
        body={"code": "x", "match": True},
    ),
    Row("api:companion-picture", VERIFIED, past=dict.fromkeys(VERIFIED, 404)),
)
PHONE_API = (
    Row("phone:state", PHONES),
    Row("phone:beat", PHONES, method="POST", body={"heads": {}, "facts": {}}),
    Row("phone:filming", PHONES, method="POST", gives=409),
    Row("phone:stop", PHONES, method="POST", gives=409),
    Row("phone:seal", PHONES, method="POST", gives=400, body={"recordings": []}),
    Row("phone:thumbnail", PHONES, method="PUT", gives=415),
)
PHONE = (
    everywhere("phone:door"),
    everywhere("phone:door", method="POST", gives=403, body={"digits": "000000"}),
    everywhere("phone:open", target="token"),
    everywhere("phone:open", method="POST", gives=403, target="token"),
    Row("phone:film", PHONES),
)
