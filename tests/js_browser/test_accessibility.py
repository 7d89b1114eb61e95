"""Every page can be read by everybody: axe-core finds nothing, nothing is cut off."""

import itertools
from decimal import Decimal

import pytest
from django.contrib.admin import site

from exams.domain.aggregate import Rule, aggregate
from exams.models import Attempt, Result, Session
from tests.builders.exams import make_document
from tests.builders.passages import make_stages
from tests.js_browser.looking import Looker
from tests.policy.admin_rows import ADMIN
from tests.policy.table import JSON_API, ROWS
from tests.policy.test_chinese_pages import reader_of
from tests.policy.test_policy import ask, undone
from tests.policy.world import NOW, PAGE

# Not pages: films, pictures, a script, and what machines ask of a process.
FILES = {
    *("healthz", "readyz", "integrity:keys", "integrity:draw", "examiner:part"),
    "review:film",
    *("checkins:photo", "checkins:roster-photo", "admin:candidate_photo"),
    *("proctor:live", "proctor:timeline", "proctor:chunks", "proctor:thumbnail"),
    *("admin:jsi18n", "reading:schema", "reading:projects", "reading:sessions"),
    *("reading:attempts", "reading:results"),
    *("admin:exams_document_file", "candidate:document-file"),
    "admin:exams_session_meaning",
    *("candidate:ticket-file", "candidate:ticket-photo"),
    *("admin:tickets_file", "admin:tickets_progress", "admin:mailing_progress"),
    "admin:roster_bad_sheet",
    *("admin:retention_progress", "admin:retention_certificate"),
}
# Confirm pages are one page; two of them show how it refuses.
STEPS = {
    f"admin:{model._meta.app_label}_{model._meta.model_name}_{step.name}"
    for model, pages in site._registry.items()
    for step in getattr(pages, "steps", ())
} - {"admin:exams_session_freeze", "admin:exams_session_postpone"}
ANSWERED_ELSEWHERE = ("list", "_export", "_change", "_everything")
SHOWN = [
    row
    for row in ROWS
    if row.who and row.gives != 302 and row not in JSON_API and row.name not in FILES
    # Nothing chosen and posted, a list is the list again; an export is a file. All
    # histories are one page, and what a form refuses is seen where rows are added.
    if not (row.method == "POST" and row.name.endswith(ANSWERED_ELSEWHERE))
    and not (row.method == "POST" and row.name in STEPS)
    and (row.name == "admin:exams_project_history" or "_history" not in row.name)
]
ROW = {str(row): row for row in ROWS}
PASSAGE = (
    *("devices", "check_in", "flow", "companion", "draw"),
    *("attachments", "commitment", "notice", "enter", "upload", "done"),
)
BEFORE_ROOM = ("flow", "draw", "attachments", "commitment", "notice", "enter")
ROOM = ("device_confirmation", "information", "paper_check", "countdown", "answer")


@pytest.fixture(scope="module")
def looker():
    looker = Looker()
    yield looker
    looker.close()


@pytest.fixture(scope="module")
def looks(request, world, looker):
    """What two browsers see on every page, while the next one is being asked for."""
    other = Looker()
    pair, found = itertools.cycle([looker, other]), {}
    for item in request.session.items:
        if "looks" in item.fixturenames:
            row = item.callspec.params["row"]
            with undone():
                one, page = next(pair), ask(world, row, reader_of(row))
                found[row] = one.faults_soon(one.keep(page))
    yield found
    other.close()


@pytest.mark.parametrize("row", SHOWN, ids=str)
def test_page_is_accessible(db, looks, row):
    assert looks[row].result() == []


# The longer words; the administrators' tables and forms scroll and wrap by themselves.
@pytest.mark.parametrize("row", [row for row in SHOWN if row not in ADMIN], ids=str)
def test_english_page_fits_a_telephone(db, world, looker, row):
    with undone():
        page = ask(world, row, reader_of(row), HTTP_ACCEPT_LANGUAGE="en")
        assert looker.wider(looker.keep(page)) == []


@pytest.mark.parametrize(
    ("state", "views"),
    [
        ("enrolled", PASSAGE),
        ("checked_in", ("enter",)),
        ("entered", ROOM),
        ("submitted", ("upload", "done")),
        ("absent", ("ended",)),
    ],
)
def test_exam_page_is_accessible_in_every_state(db, world, looker, state, views):
    mine = Attempt.objects.filter(pk=world.attempts["here"].pk)

    with undone():
        mine.update(state=state, entered_at=NOW if state == "entered" else None)
        if state == "entered":
            make_stages(mine.get(), *BEFORE_ROOM)
        make_document(mine.get().session.project, kind="flow")
        for name in ("state", "documents", "information"):
            looker.keep(ask(world, ROW[f"GET api:{name}"], "verified", **PAGE))
        page = looker.keep(ask(world, ROW["GET candidate:exam"], "verified"))
        assert looker.faults_in(page, views) == []


@pytest.mark.parametrize("state", ["enrolled", "released"])
def test_candidates_pages_are_accessible_with_and_without_a_result(
    db, world, looker, state
):
    attempt = world.attempts["here"]

    with undone():
        Attempt.objects.filter(pk=attempt.pk).update(state=state)
        Session.objects.filter(pk=attempt.session_id).update(state="released")
        Result.objects.create(
            attempt=attempt,
            value=Decimal(80),
            working=aggregate([[Decimal(80)]], Rule(0, 0, (Decimal(1),))).working,
            computed_at=NOW,
            released_at=NOW if state == "released" else None,
        )
        for name in ("home", "result"):
            reply = ask(world, ROW[f"GET candidate:{name}"], "verified")
            assert reply.status_code == 200
            assert looker.faults(looker.keep(reply)) == []


def test_refusals_and_error_pages_are_accessible(db, world, looker, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    stranger = world.browser("public")
    replies = [
        stranger.get("/nowhere/"),
        world.browser("public", csrf=True).post("/staff/sign-in/"),
        ask(world, ROW["GET checkins:queue"], "staff"),
    ]
    monkeypatch.setattr("candidates.views.candidate.render", fail)
    replies.append(stranger.get("/"))

    assert [reply.status_code for reply in replies] == [404, 403, 403, 500]
    for reply in replies:
        assert looker.faults(looker.keep(reply)) == []


@pytest.mark.parametrize(
    ("persona", "path"),
    [
        ("superuser", "/admin/candidates/candidate/?q=nobody"),
        ("superuser", "/examiner/"),
        ("bare", "/admin/"),
        ("bare", "/staff/"),
    ],
)
def test_page_with_nothing_on_it_is_accessible(db, world, looker, persona, path):
    assert looker.faults(looker.keep(world.browser(persona).get(path))) == []


def test_planted_faults_are_found(looker):
    page = looker.keep_html(
        '<!doctype html><html lang="en"><title>x</title><main><h1>Title</h1>'
        '<img src="/x.png"><p style="color: #999; background: #fff">pale</p>'
        '<p style="width: 900px">wide</p></main></html>'
    )

    found = "\n".join(looker.faults(page))

    assert "light 1280: image-alt at img" in found
    assert "light 320: color-contrast at p" in found
    assert "dark 1280: color-contrast at p" in found
    assert "wider than the window: P" in found
    assert looker.wider(page) != []
