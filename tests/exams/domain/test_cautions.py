"""Warnings G1 and G4, and who has taken note of them."""

from datetime import date, time

import pytest
from django.utils import translation

from exams.domain import cautions
from exams.domain.audit import verify_chain
from exams.domain.presets import settings_of
from exams.kernel.errors import Conflict
from exams.models import Acknowledgement, AuditEntry, SupportHours
from tests.builders.exams import (
    after_start,
    before_start,
    make_administrator,
    make_attempt,
    make_document,
    make_project,
    make_ready_session,
    make_room,
)

pytestmark = pytest.mark.django_db
AT = before_start(86_400)
# As in the documents: their sentences on the timetable (R11, R12, R14, R18, R19).
PROSE_A = (
    "考生开考前 30 分钟用人脸登录方式登录系统。8:50至9:00进入待考页面等候。"
    "开考5分钟后，系统不再允许考生登录。并于60分钟内检查确认佐证视频已上传。"
    "考生应在面试结束后30分钟内联系技术服务热线。"
)
ENGLISH = (
    "Sign-in opens at 08:15. Nobody enters after 09:10. "
    "Within 45 minutes every film is uploaded; within 20 minutes call the hotline."
)


def make_supported(*hours, **columns):
    project = make_project()
    for opens, closes in hours:
        SupportHours.objects.create(
            project=project,
            first_day=date(2030, 5, 19),
            last_day=date(2030, 5, 20),
            opens=opens,
            closes=closes,
        )
    session = make_ready_session(project=project, **columns)
    make_attempt(session)
    make_document(project)
    return session


def codes(session):
    return [one.code for one in cautions.cautions_of(session, at=AT)]


def quotes(session):
    found = cautions.cautions_of_schedule(session)
    return [
        (one.facts["field"], one.facts["holds"])
        for one in found
        if one.code == "prose_disagrees"
    ]


def test_candidates_without_a_room_are_asked_about_until_they_have_one():
    session = make_supported((time(8), time(20)))
    assert codes(session) == []

    room = make_room(session)
    assert codes(session) == ["unplaced"]

    session.attempts.update(room=room)
    assert codes(session) == []


def test_hours_of_the_documents_leave_the_sign_in_unstaffed():
    session = make_supported((time(9), time(18)))

    found = cautions.cautions_of(session, at=AT)

    assert [one.code for one in found] == ["support_login"]
    assert found[0].facts == {
        "opens": "2030-05-20 08:30 UTC+08:00",
        "closes": "2030-05-20 09:00 UTC+08:00",
    }


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([(time(8, 30), time(18))], []),
        ([(time(8, 31), time(18))], ["support_login"]),
        ([(time(8), time(8, 45)), (time(8, 45), time(18))], []),
        ([(time(8), time(10))], ["support_evidence"]),
        ([(time(8), time(10, 20))], []),
        ([(time(8), time(9)), (time(9, 30), time(18))], ["support_evidence"]),
        ([], ["support_unstated"]),
    ],
)
def test_support_has_to_cover_sign_in_and_upload(hours, expected):
    assert codes(make_supported(*hours)) == expected


def test_project_without_a_hotline_is_one_warning():
    session = make_supported((time(8), time(18)))
    session.project.hotline = ""

    assert codes(session) == ["hotline_missing"]


def test_sentence_of_preset_a_is_warned_about_and_its_settings_close_at_the_start():
    settings = settings_of("a")
    session = make_supported((time(8), time(18)), **settings)
    make_document(session.project, body=PROSE_A)

    assert session.entry_close_after_start == 0
    assert quotes(session) == [("login_close_after_start", "0 min")]


def test_prose_that_agrees_is_no_warning():
    session = make_supported((time(8), time(18)), login_close_after_start=300)
    session.entry_close_after_start = 300
    make_document(session.project, body="开考5分钟后，系统不再允许考生登录。")

    assert quotes(session) == []


def test_english_prose_is_read_too():
    session = make_supported((time(8), time(18)))
    make_document(session.project, body=ENGLISH.replace("Within 45", "within 45"))

    assert set(quotes(session)) == {
        ("login_open_before", "08:30"),
        ("entry_close_after_start", "09:00"),
        ("evidence_confirm_within", "60 min"),
        ("failure_report_within", "30 min"),
    }


def test_only_the_newest_version_of_a_document_is_read():
    session = make_supported((time(8), time(18)))
    old = make_document(session.project, body=PROSE_A, title="Flow")
    make_document(session.project, body="好", title="Flow", version=2, kind=old.kind)

    assert quotes(session) == []


def test_noted_warning_is_kept_with_who_and_when_and_is_shown_no_more():
    session, person = make_supported((time(9), time(18))), make_administrator()
    seen = [one.digest for one in cautions.open_cautions(session, at=AT)]

    count = cautions.acknowledge(session, seen=seen, by=person, at=AT)

    row = Acknowledgement.objects.get()
    entry = AuditEntry.objects.get(chain=session.code)
    assert (count, row.by, row.at, row.code) == (1, person, AT, "support_login")
    assert cautions.open_cautions(session, at=AT) == []
    assert entry.action == "session.acknowledged"
    assert entry.facts == {"warnings": [["support_login", row.digest]]}
    assert verify_chain(session.code) == 1


def test_warning_comes_back_when_what_it_says_changes():
    session, person = make_supported((time(9), time(18))), make_administrator()
    seen = [one.digest for one in cautions.open_cautions(session, at=AT)]
    cautions.acknowledge(session, seen=seen, by=person, at=AT)

    session.starts_at = after_start(-600)

    assert [one.code for one in cautions.open_cautions(session, at=AT)] == [
        "support_login"
    ]


def test_nobody_takes_note_of_what_they_did_not_read():
    session, person = make_supported((time(9), time(18))), make_administrator()

    with pytest.raises(Conflict):
        cautions.acknowledge(session, seen=[], by=person, at=AT)

    assert not Acknowledgement.objects.exists()
    assert not AuditEntry.objects.exists()


def test_every_warning_has_words():
    with translation.override("en"):
        session = make_supported((time(9), time(18)))
        make_document(session.project, body=PROSE_A, title="Flow")
        texts = [str(one) for one in cautions.cautions_of(session, at=AT)]

    assert texts == [
        (
            "The hotline is not staffed from 2030-05-20 08:30 UTC+08:00 to "
            "2030-05-20 09:00 UTC+08:00, while candidates sign in and enter."
        ),
        (
            "“Flow” says “开考5分钟后，系统不再允许考生登录”, but “sign-in closes after "
            "start (s)” gives 0 min."
        ),
    ]
