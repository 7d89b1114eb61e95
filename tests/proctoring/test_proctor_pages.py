"""The grid page, one candidate enlarged, and the bytes of what is recorded."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from candidates.backends.chunk_store import LocalChunkStore
from candidates.domain.inbox import acknowledge
from candidates.domain.thumbnails import store_thumbnail
from candidates.models import InboxItem, Observation, Recording
from candidates.queries import live as live_queries
from exams.kernel import clock
from exams.models import AuditEntry
from proctoring.domain.watches import AWAY
from proctoring.models import Incident, Watch
from proctoring.queries.tiles import facts_of
from tests.builders.candidates import (
    STARTED_MS,
    make_candidate,
    make_chunk,
    make_enrolment,
    make_recording,
    make_segment,
)
from tests.builders.exams import START, after_start, make_attempt, make_room
from tests.builders.pictures import small_jpeg
from tests.builders.proctoring import make_proctor, make_sitting, signed_in
from tests.builders.scoring import make_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def sitting():
    """`(room, attempt, client of its proctor)`."""
    room, (attempt,) = make_sitting(seats=1)
    return room, attempt, signed_in(make_proctor(room=room))


def record(recording, *bodies, root, **columns):
    """A segment with stored bytes, as the chunk path leaves it."""
    segment, store = make_segment(recording, **columns), LocalChunkStore(root)
    for seq, body in enumerate(bodies):
        offset = store.append(recording.code, segment.uuid, [body])
        make_chunk(segment, seq=seq, size=len(body), offset=offset)
    store.sync()
    return segment


def page(name, *args):
    return reverse(f"proctor:{name}", args=args)


def live(client, attempt):
    return client.get(page("live", attempt.code)).json()


def test_grid_names_the_rooms_and_never_a_person(sitting):
    room, attempt, client = sitting
    make_enrolment(make_candidate(room.session.project, name="欧阳测试"), attempt)

    text = client.get(page("grid")).content.decode()

    assert f"{room.session.code}/{room.name}" in text
    assert "欧阳测试" not in text


def test_grid_without_a_room_on_now_says_when_there_is_one():
    room, _ = make_sitting(seats=1, starts_at=START + timedelta(days=3))
    client = signed_in(make_proctor(room=room))

    response = client.get(page("grid"))

    assert response.status_code == 200
    assert b"data-tiles" not in response.content


def test_enlarged_page_has_no_name_and_is_audited_once_per_opened_player(sitting):
    room, attempt, client = sitting
    make_enrolment(make_candidate(room.session.project, name="欧阳测试"), attempt)
    make_number(attempt, 17)

    text = client.get(page("one", attempt.code)).content.decode()
    for _ in range(3):
        live(client, attempt)

    assert "017" in text
    assert "欧阳测试" not in text
    watch = Watch.objects.get()
    assert watch.attempt == attempt
    entry = AuditEntry.objects.get(action="watch.opened")
    assert (entry.subject, entry.chain) == (
        f"attempt:{attempt.code}",
        room.session.code,
    )


def test_watch_is_stretched_while_the_page_asks_and_another_begins_later(
    sitting, tmp_path
):
    _room, attempt, client = sitting
    offset = tmp_path / "offset"

    def later(seconds):
        offset.write_text(str(float(offset.read_text()) + seconds), encoding="ascii")

    client.get(page("one", attempt.code))
    later(15)
    live(client, attempt)
    first = Watch.objects.get()
    assert first.to_at - first.from_at >= timedelta(seconds=15)

    later(AWAY.total_seconds() + 1)
    live(client, attempt)

    assert Watch.objects.count() == 2
    assert AuditEntry.objects.filter(action="watch.opened").count() == 2


def test_live_names_the_newest_chunk_of_the_newest_segment(sitting, settings):
    _room, attempt, client = sitting
    camera = make_recording(attempt)
    make_recording(attempt, stream="screen")
    root = settings.RECORDINGS_ROOT
    record(camera, b"old", root=root)
    newer = record(camera, b"head", b"two", root=root, started_ms=STARTED_MS + 60_000)

    streams = {line["stream"]: line for line in live(client, attempt)["streams"]}

    assert streams["camera"] == {
        "stream": "camera",
        "state": "live",
        "segment": str(newer.uuid),
        "mime": newer.mime,
        "init": 0,
        "newest": 1,
        "started_ms": STARTED_MS + 60_000,
        "until_ms": STARTED_MS + 62_000,
    }
    assert streams["screen"] == {"stream": "screen", "state": "nothing"}


def test_folded_recording_is_said_to_be_archived(sitting, settings):
    _room, attempt, client = sitting
    camera = make_recording(attempt)
    segment = record(camera, b"head", root=settings.RECORDINGS_ROOT)
    segment.chunks.all().delete()
    Recording.objects.update(state="verified", folded=True)

    reply = live(client, attempt)
    chunks = client.get(page("chunks", attempt.code, segment.uuid, 0, 0))

    assert reply["streams"][0] == {"stream": "camera", "state": "archived"}
    assert chunks.status_code == 404


def test_chunks_are_given_to_whoever_has_the_candidate_enlarged(sitting, settings):
    _room, attempt, client = sitting
    segment = record(
        make_recording(attempt), b"head", b"two", b"3", root=settings.RECORDINGS_ROOT
    )
    url = page("chunks", attempt.code, segment.uuid, 1, 1)
    assert client.get(url).status_code == 403

    client.get(page("one", attempt.code))
    response = client.get(url)

    assert response.content == b"two"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Content-Type"] == segment.mime
    assert response.headers["Kaowu-Last-Chunk"] == "1"
    other = make_attempt(attempt.session, room=attempt.room, state="entered")
    client.get(page("one", other.code))
    for missing in (
        page("chunks", other.code, segment.uuid, 1, 1),
        page("chunks", attempt.code, uuid4(), 1, 1),
        page("chunks", attempt.code, segment.uuid, 3, 9),
        page("chunks", attempt.code, segment.uuid, 2, 1),
        page("chunks", attempt.code, segment.uuid, 10**30, 10**30),
    ):
        assert client.get(missing).status_code == 404


def test_one_reply_carries_chunks_in_a_row_up_to_a_gap_and_a_size(
    sitting, settings, monkeypatch
):
    _room, attempt, client = sitting
    bodies = [b"head", b"two", b"3", b"four", b"five"]
    segment = record(make_recording(attempt), *bodies, root=settings.RECORDINGS_ROOT)
    segment.chunks.filter(seq=3).delete()
    client.get(page("one", attempt.code))

    def told(first, last):
        reply = client.get(page("chunks", attempt.code, segment.uuid, first, last))
        return reply.headers.get("Kaowu-Last-Chunk"), reply.content

    assert told(0, 1) == ("1", b"headtwo")
    assert told(0, 4) == ("2", b"headtwo3")
    assert told(3, 4)[0] is None
    assert told(4, 60) == ("4", b"five")
    monkeypatch.setattr(live_queries, "MOST_CHUNKS", 2)
    assert told(0, 4) == ("1", b"headtwo")
    monkeypatch.setattr(live_queries, "MOST_BYTES", 3)
    assert told(0, 4) == ("0", b"head")


def test_page_of_another_room_does_not_exist(sitting):
    room, _attempt, client = sitting
    other = make_attempt(room.session, room=make_room(room.session), state="entered")

    for name in ("one", "live", "timeline"):
        assert client.get(page(name, other.code)).status_code == 404
    assert not Watch.objects.exists()


def test_thumbnail_is_the_newest_and_its_version_is_in_the_facts(sitting):
    _room, attempt, client = sitting
    picture = small_jpeg()
    version = store_thumbnail(attempt, "camera", picture, at=after_start(30))

    facts = facts_of([attempt.pk])[attempt.code]
    response = client.get(page("thumbnail", attempt.code, "camera"))

    assert facts.pictures == {"camera": version}
    assert response.content == picture
    assert client.get(page("thumbnail", attempt.code, "screen")).status_code == 404


def test_facts_of_many_take_a_fixed_number_of_queries(django_assert_num_queries):
    _room, attempts = make_sitting(seats=2)
    _other, more = make_sitting(seats=30)

    with django_assert_num_queries(7):
        facts_of([one.pk for one in attempts])
    with django_assert_num_queries(7):
        facts_of([one.pk for one in more])


def test_message_and_warning_are_delivered_and_the_acknowledgement_shows(sitting):
    _room, attempt, client = sitting

    client.post(page("message", attempt.code), {"text": " 请坐正 "})
    answer = client.post(
        page("warning", attempt.code),
        {"text": "请把手放在画面内"},
        headers={"Accept": "application/json"},
    )

    assert answer.json() == {"done": True}
    message, warning = InboxItem.objects.order_by("pk")
    assert (message.kind, message.body) == ("message", "请坐正")
    assert (warning.kind, warning.must_acknowledge) == ("warning", True)
    assert not message.must_acknowledge
    sent = AuditEntry.objects.filter(action__endswith=".sent").order_by("pk")
    assert {entry.action for entry in sent} == {"message.sent", "warning.sent"}
    assert all("请" not in json.dumps(entry.facts) for entry in sent)

    at = clock.now()
    acknowledge(warning, at=at)
    line = lines_of(client, attempt)[0]
    assert (line["until"], line["until_ms"]) == ("acknowledged", clock.milliseconds(at))


@pytest.mark.parametrize("text", ["", "   ", "x" * 2000])
@pytest.mark.parametrize("name", ["message", "warning"])
def test_letter_that_says_nothing_or_too_much_is_refused(sitting, name, text):
    _room, attempt, client = sitting

    answer = client.post(
        page(name, attempt.code),
        {"text": text},
        headers={"Accept": "application/json"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_written")
    assert not InboxItem.objects.exists()


def lines_of(client, attempt):
    return client.get(page("timeline", attempt.code)).json()["lines"]


def test_timeline_joins_events_observations_and_letters_newest_first(sitting):
    _room, attempt, client = sitting
    Observation.objects.create(
        attempt=attempt,
        kind="focus_lost",
        stream="screen",
        from_at=after_start(10),
        to_at=after_start(14),
    )
    client.post(page("warning", attempt.code), {"text": "look here"})

    lines = lines_of(client, attempt)

    assert [line["at_ms"] for line in lines] == sorted(
        (line["at_ms"] for line in lines), reverse=True
    )
    assert lines[0]["text"] == "look here"
    assert lines[0]["until_ms"] is None
    lost = lines[-1]
    assert lost["until_ms"] - lost["at_ms"] == 4000
    assert lost["icon"] == "window"


def test_incident_is_noted_with_its_clip(sitting):
    _room, attempt, client = sitting

    text = client.get(page("one", attempt.code)).content.decode()
    fields = {"note": "x", "before": "20", "after": "10"}
    answer = client.post(page("incident", attempt.code), fields)

    (incident,) = Incident.objects.filter(attempt=attempt)
    assert 'data-letter="incident"' in text
    assert answer.status_code == 302
    assert (incident.to_at - incident.from_at).total_seconds() == 30
    assert (incident.note, incident.source) == ("x", "proctor")
