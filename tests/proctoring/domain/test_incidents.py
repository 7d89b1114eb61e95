"""Incidents: from observations once each, noted by hand, dismissed with a reason."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction

from candidates.domain.observations import note_all
from candidates.models import Observation
from candidates.signals import observed
from exams.domain.attempts import ReasonMissing
from exams.domain.audit import verify_chain
from exams.kernel.errors import BadInput, IllegalMove, NotAllowed
from exams.models import AuditEntry, Event
from proctoring.domain import articles, incidents
from proctoring.models import Article, Incident
from proctoring.queries.incidents import open_counts, tone_of
from tests.builders.approvals import JUDGED, make_official
from tests.builders.cases import (
    CLIP,
    SEEN_AT,
    make_article,
    make_incident,
    make_observation,
    make_proctor,
)
from tests.builders.events import misshapen_events
from tests.builders.exams import make_attempt, make_project, make_room, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt():
    return make_attempt(
        state="entered", room=make_room(session := make_session()), session=session
    )


def note(attempt, by, **how):
    how = {"article": None, "note": "seen", "at": SEEN_AT, **CLIP, **how}
    return incidents.note_incident(attempt, by=by, **how)


@pytest.mark.parametrize("kind", ["share_stopped", "focus_limit"])
def test_observation_becomes_one_incident_by_signal_sweep_and_both_again(
    attempt, django_capture_on_commit_callbacks, kind
):
    row = Observation(attempt=attempt, kind=kind, stream="screen", from_at=SEEN_AT)
    with django_capture_on_commit_callbacks(execute=True):
        note_all([row])
    by_signal = Incident.objects.get()

    observed.send(sender=Observation, observations=[row])
    swept = incidents.sweep_incidents(at=JUDGED)

    told = Event.objects.filter(topic__name=f"attempt:{attempt.code}:staff")
    assert swept == 0
    assert Incident.objects.get() == by_signal
    assert (by_signal.kind, by_signal.stream) == (kind, "screen")
    assert tone_of(by_signal) == "bad"
    assert (by_signal.from_at, by_signal.to_at) == (SEEN_AT, SEEN_AT)
    assert [event.type for event in told] == ["incident.opened"]
    assert misshapen_events() == []


def test_sweep_takes_up_what_the_signal_missed_once(attempt):
    make_observation(attempt)
    make_observation(attempt, kind="chunk_conflict", to_at=SEEN_AT - timedelta(1))

    assert [incidents.sweep_incidents(at=JUDGED) for _ in range(2)] == [2, 0]
    assert Incident.objects.count() == 2


def test_sweep_command_runs_the_sweeps_of_this_floor(attempt, capsys):
    make_observation(attempt)

    call_command("sweep", "--once")

    said = capsys.readouterr().out.splitlines()
    assert {"incidents: 1", "articles: 1", "cases: 0"} <= set(said)


def test_late_chunk_is_no_incident(attempt):
    make_observation(attempt, kind="late_chunk")

    assert incidents.sweep_incidents(at=JUDGED) == 0


def test_what_is_noticed_of_a_mock_test_is_no_incident():
    row = make_observation(make_attempt(make_session(kind="mock"), state="entered"))

    assert incidents.take_up([row], at=JUDGED) == 0
    assert incidents.sweep_incidents(at=JUDGED) == 0


def test_two_incidents_of_one_observation_are_refused_by_the_database(attempt):
    row = make_observation(attempt)
    incidents.take_up([row], at=JUDGED)
    stored = Incident.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.create(
            attempt=attempt,
            source="observation",
            observation=row,
            from_at=SEEN_AT,
            to_at=SEEN_AT,
            at=stored.at,
        )


def test_proctor_of_the_room_notes_with_article_and_clip(attempt):
    article = make_article(attempt.session.project)

    incident = note(attempt, make_proctor(attempt), article=article)

    assert (incident.from_at, incident.to_at) == (CLIP["from_at"], CLIP["to_at"])
    assert (incident.article, incident.state, incident.source) == (
        article,
        "open",
        "proctor",
    )
    assert AuditEntry.objects.get(action="incident.noted").facts["article"] == "1.1"
    assert open_counts([attempt.pk, 0]) == {attempt.pk: 1}


def test_official_notes_and_strangers_do_not(attempt):
    neighbour = make_attempt(attempt.session, room=make_room(attempt.session))

    note(attempt, make_official(attempt.session))
    for stranger in (make_proctor(neighbour), make_official(make_session())):
        with pytest.raises(NotAllowed):
            note(attempt, stranger)


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_at": CLIP["to_at"], "to_at": CLIP["from_at"]},
        {"to_at": CLIP["from_at"] + timedelta(hours=3)},
        {"note": "x" * 501},
    ],
    ids=["backwards", "long", "note"],
)
def test_wrong_note_is_refused(attempt, wrong):
    with pytest.raises(BadInput):
        note(attempt, make_proctor(attempt), **wrong)


def test_article_of_another_project_or_out_of_force_is_refused(attempt):
    proctor = make_proctor(attempt)
    old = make_article(attempt.session.project)
    articles.revise_article(old, text_en="New words.")
    old.refresh_from_db()

    for article in (make_article(make_project()), old):
        with pytest.raises(BadInput):
            note(attempt, proctor, article=article)


def test_dismissing_needs_an_official_a_reason_and_an_open_incident(attempt):
    incident = make_incident(attempt)
    official = make_official(attempt.session)

    with pytest.raises(NotAllowed):
        incidents.dismiss_incident(
            incident, reason="fine", by=make_proctor(attempt), at=JUDGED
        )
    with pytest.raises(ReasonMissing):
        incidents.dismiss_incident(incident, reason=" ", by=official, at=JUDGED)
    incidents.dismiss_incident(incident, reason="fine", by=official, at=JUDGED)
    with pytest.raises(IllegalMove):
        incidents.dismiss_incident(incident, reason="fine", by=official, at=JUDGED)

    stored = Incident.objects.get()
    assert (stored.state, stored.reason, stored.decided_by) == (
        "dismissed",
        "fine",
        official,
    )
    assert open_counts([attempt.pk]) == {}
    assert verify_chain(attempt.session.code) == 2


def test_database_refuses_to_change_facts_or_to_delete(attempt):
    make_incident(attempt)

    for columns in ({"note": "other"}, {"from_at": SEEN_AT}, {"article": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Incident.objects.update(**columns)
    with pytest.raises(DatabaseError), transaction.atomic():
        Incident.objects.all()._raw_delete("default")


def test_catalogue_is_the_preset_once_per_project():
    project = make_project()

    made = [articles.sweep_catalogues(at=JUDGED) for _ in range(2)]

    rows = Article.objects.filter(project=project)
    assert made == [1, 0]
    assert {row.requirement for row in rows} == {f"R{n}" for n in range(83, 111)}
    assert set(rows.values_list("sanction", flat=True)) == {"void", "bar", "none"}


def test_revised_article_is_another_version_and_the_old_one_stays():
    old = make_article(make_project())

    new = articles.revise_article(old, text_en="New words.")

    old.refresh_from_db()
    assert (old.version, old.is_current, new.version, new.is_current) == (
        1,
        False,
        2,
        True,
    )
    assert old.text_en != new.text_en == "New words."
    with pytest.raises(DatabaseError), transaction.atomic():
        Article.objects.filter(pk=old.pk).update(text_en="Rewritten.")
