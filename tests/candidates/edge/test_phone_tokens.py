"""What a phone's token reaches at the edge: its own film, and nothing else (AC-09)."""

import pytest

from candidates.domain.leases import phone_token
from exams.kernel import clock
from tests.builders.asgi import Call, ask, bearing, chunk_path, put_chunk
from tests.builders.candidates import Take, make_companion, make_recording
from tests.builders.exams import before_start, make_attempt, make_session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def attempt(at_time):
    at_time(before_start(300))
    return make_attempt(make_session(), state="entered", entered_at=before_start(400))


@pytest.fixture
def token(attempt):
    companion = make_companion(attempt, epoch=4)
    return phone_token(companion, at=clock.now())


def test_phone_sends_its_film_under_its_epoch(edge, attempt, token):
    recording = make_recording(attempt, stream="companion")
    take = Take(reason="film").record(b"one")

    answer = ask(edge, put_chunk(recording, take, take.slices[0], token=token))

    assert answer.status == 201
    segment = recording.segments.get()
    assert (segment.reason, segment.chunks.get().lease_epoch) == ("film", 4)


def test_phone_reaches_neither_camera_nor_screen(edge, attempt, token):
    take = Take().record(b"one")
    found = {}
    for stream in ("camera", "screen"):
        recording = make_recording(attempt, stream=stream)
        put = put_chunk(recording, take, take.slices[0], token=token)
        path = chunk_path(recording.code, take.uuid, 0)
        ledger = f"/api/v1/recordings/{recording.code}/ledger"
        calls = [
            put,
            Call("HEAD", path, bearing(token)),
            Call("GET", ledger, bearing(token)),
        ]
        found[stream] = [ask(edge, call).status for call in calls]

    assert found == {"camera": [403, 403, 403], "screen": [403, 403, 403]}


@pytest.mark.parametrize("what", ["paper", "paper-key"])
def test_phone_reads_no_paper(edge, attempt, token, what):
    call = Call("GET", f"/api/v1/attempts/{attempt.code}/{what}", bearing(token))

    assert ask(edge, call).status == 403


def test_computer_asks_for_the_phones_ledger_and_sends_no_film_for_it(edge, attempt):
    recording = make_recording(attempt, stream="companion")
    take = Take(reason="film").record(b"prepared")

    put = put_chunk(recording, take, take.slices[0])
    sent = ask(edge, put)
    ledger = f"/api/v1/recordings/{recording.code}/ledger"
    asked = ask(edge, Call("GET", ledger, [put.headers[0]]))

    assert (sent.status, asked.status) == (403, 200)
    assert asked.json["segments"] == []
