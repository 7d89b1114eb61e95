from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from candidates.access import COOKIE
from candidates.domain.checkin import approve_check_in
from candidates.queries.standing import lease_by_digest
from candidates.queries.state import settled_state, state_of
from exams.kernel import tokens
from exams.kernel.clock import milliseconds
from tests.builders.candidates import make_check_in, make_lease, make_recording
from tests.builders.exams import START, after_start, before_start, make_staff
from tests.builders.passages import COOKIE as TOKEN
from tests.builders.passages import (
    claim,
    make_person,
    make_published_session,
    make_stages,
    make_verified,
)

pytestmark = pytest.mark.django_db
STATE = "/api/v1/attempts/me/state"


def test_state_has_every_name_of_the_contract(page, at_time):
    session = make_published_session(preparation=60)
    lease = make_verified(make_person(session))
    at_time(before_start(1200))

    reply = page.get(STATE).json()

    assert set(reply) == {
        *("server_ms", "cursor", "phase", "attempt", "session", "stages", "stage"),
        *("may", "deadlines", "lease", "check_in", "recordings", "purge_ok"),
        *("edge_token", "unread", "companion", "pause", "computer"),
        *("focus", "home_locked"),
    }
    assert reply["attempt"] == {
        "code": lease.attempt.code,
        "state": "checked_in",
        "sequence_number": None,
        "kind": "formal",
        "entered_ms": None,
        "submitted_ms": None,
        "submitted_by": "",
    }
    assert reply["session"] == {
        "code": session.code,
        "title": session.title,
        "time_zone": "Asia/Shanghai",
        "slice_ms": 1000,
        "single_display": "require",
        "per_question_timers": False,
        "hotline": "010-12345678",
        "hotline_hours": "08:00-18:00",
        "project": session.project.slug,
        "project_title": session.project.title,
    }
    assert reply["lease"] == {"state": "active", "level": "verified", "epoch": 1}
    face = {"state": None, "reasons": [], "tries_left": 0}
    assert reply["check_in"] == {"state": None, "reason": "", "tries": 0, "face": face}
    assert (reply["phase"], reply["stage"]) == ("login", "flow")
    assert abs(reply["server_ms"] - milliseconds(before_start(1200))) < 5000
    assert set(reply["may"]) == {
        *("sign_in", "check_in", "draw", "read", "enter", "resume", "submit"),
        *("face_check", "identity_code", "pair", "seal", "paper", "paper_key"),
    }
    assert reply["deadlines"] == {
        "login_opens": milliseconds(before_start(1800)),
        "login_closes": milliseconds(START),
        "entry_opens": milliseconds(before_start(600)),
        "entry_closes": milliseconds(START),
        "draw_closes": milliseconds(before_start(600)),
        "starts": milliseconds(START),
        "answer_from": milliseconds(after_start(60)),
        "ends": milliseconds(after_start(1260)),
        "evidence_confirm_by": milliseconds(after_start(1260 + 3600)),
        "failure_report_by": milliseconds(after_start(1260 + 1800)),
        "upload_closes": milliseconds(after_start(1260 + 7 * 86_400)),
    }


def test_state_stages_say_what_is_done_and_what_is_next(page, at_time):
    make_verified(make_person())
    at_time(before_start(1200))

    stages = page.get(STATE, HTTP_ACCEPT_LANGUAGE="en").json()["stages"]

    done = milliseconds(before_start(900))
    assert stages[:4] == [
        {
            "key": "devices",
            "title": "Device preparation",
            "state": "done",
            "done_ms": done,
        },
        {
            "key": "check_in",
            "title": "Identity check",
            "state": "done",
            "done_ms": done,
        },
        {
            "key": "flow",
            "title": "Read the exam flow",
            "state": "current",
            "done_ms": None,
        },
        {"key": "draw", "title": "Draw", "state": "todo", "done_ms": None},
    ]


def test_state_may_says_when_and_why_not(page, at_time):
    make_verified(make_person())
    at_time(before_start(1200))

    may = page.get(STATE, HTTP_ACCEPT_LANGUAGE="en").json()["may"]

    assert may["read"]["why_not"] is None
    assert may["enter"] == {
        "open": False,
        "opens_ms": milliseconds(before_start(600)),
        "closes_ms": milliseconds(START),
        "why_not": {
            "code": "stage_missing",
            "message": "Finish the steps before this one first.",
        },
    }


def test_state_costs_seven_queries(page, at_time, django_assert_num_queries):
    lease = make_verified(make_person())
    for stream in ("camera", "screen"):
        make_recording(lease.attempt, stream=stream)
    make_check_in(lease, state="declined", reason="too dark")
    at_time(before_start(1200))

    with django_assert_num_queries(7):
        reply = page.get(STATE).json()

    assert [row["stream"] for row in reply["recordings"]] == ["camera", "screen"]
    told = reply["check_in"]
    assert (told["state"], told["reason"], told["tries"]) == ("declined", "too dark", 1)


@pytest.mark.parametrize("after", ["candidates_stagepassage", "candidates_checkin"])
def test_approval_in_the_midst_of_reading_is_told_whole(after):
    lease = claim(make_person()).lease
    make_stages(lease.attempt, "devices")
    waiting, staff, at = make_check_in(lease), make_staff(), before_start(900)
    read, due = lease_by_digest(lease.token_digest), [True]

    def approving(execute, sql, *rest):
        found = execute(sql, *rest)
        if after in sql and due:
            due.clear()
            approve_check_in(waiting, by=staff, at=at)
        return found

    with connection.execute_wrapper(approving):
        state, fresh = settled_state(read, at=at)

    done = {stage["key"] for stage in state["stages"] if stage["state"] == "done"}
    told = (
        state["check_in"]["state"],
        state["attempt"]["state"],
        state["lease"]["level"],
    )
    assert told == ("approved", "checked_in", "verified")
    assert done == {"devices", "check_in"}
    assert (fresh.level, state["cursor"]) == ("verified", fresh.cursor)


@pytest.mark.parametrize(("shift_ms", "state"), [(-1, "entered"), (0, "submitted")])
def test_state_past_the_deadline_reads_as_submitted(page, at_time, shift_ms, state):
    attempt = make_person(state="entered", entered_at=before_start(60))
    lease = make_verified(attempt)
    ends = START + timedelta(seconds=attempt.session.answer)

    lease = lease_by_digest(lease.token_digest)
    reply = state_of(lease, at=ends + timedelta(milliseconds=shift_ms))

    by_deadline = state == "submitted"
    assert reply["attempt"]["state"] == state
    assert reply["attempt"]["submitted_by"] == ("deadline" if by_deadline else "")
    expected = milliseconds(ends) if by_deadline else None
    assert reply["attempt"]["submitted_ms"] == expected
    assert reply["stage"] == ("upload" if by_deadline else "answer")
    assert reply["may"]["submit"]["open"] is not by_deadline
    assert reply["may"]["seal"]["open"] is by_deadline


def test_state_edge_token_covers_the_attempt_and_epoch(page, at_time):
    lease = make_verified(make_person())
    at_time(before_start(1200))

    token = page.get(STATE).json()["edge_token"]

    claims = tokens.check(token, audience="edge", at=before_start(1100))
    assert claims == {"a": lease.attempt.code, "e": 1}


def test_state_of_a_waiting_browser_opens_nothing(page, at_time):
    attempt = make_person()
    make_lease(attempt)
    make_lease(attempt, token=TOKEN, state="waiting", epoch=None, level="claimed")
    at_time(before_start(1200))

    reply = page.get(STATE).json()

    assert reply["edge_token"] is None
    assert {
        action: rule["why_not"]["code"] for action, rule in reply["may"].items()
    } == dict.fromkeys(reply["may"], "lease_waiting")


@pytest.mark.parametrize("cookie", ["", "wrong", "x.y"])
def test_state_of_a_stranger_is_refused(cookie):
    make_verified(make_person())
    client = Client()
    client.cookies[COOKIE] = cookie

    reply = client.get(STATE)

    assert reply.status_code == 401
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json()["code"] == "not_signed_in"


def test_state_is_kept_by_no_cache(page, at_time):
    make_verified(make_person())
    at_time(before_start(1200))

    assert page.get(STATE).headers["Cache-Control"] == "no-store"


def test_state_of_an_ended_lease_is_refused(page):
    make_lease(make_person(), token=TOKEN, state="ended")

    assert page.get(STATE).json()["code"] == "not_signed_in"
