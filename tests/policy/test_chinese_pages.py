"""Chinese is the first language: no page shows or speaks an English word."""

from decimal import Decimal

import pytest
from django.db.models import Model

from candidates.models import Candidate, Companion, DeviceLease, InboxItem, MailTemplate
from exams.models import (
    Attempt,
    Criterion,
    Document,
    Paper,
    Project,
    Result,
    Room,
    Session,
    Staff,
)
from proctoring.models import Case, Incident
from tests.policy.reading import latin_in, latin_words, sentences_of
from tests.policy.row import Row
from tests.policy.table import JSON_API, ROWS
from tests.policy.test_policy import ask, undone
from tests.policy.world import PAGE, World

NAMED: tuple[tuple[type[Model], str, str], ...] = (
    (Project, "title", "项目"),
    (Session, "title", "场次"),
    (Room, "name", "考场"),
    (Paper, "title", "试卷"),
    (Document, "title", "文件"),
    (Criterion, "name", "要素"),
    (Staff, "username", "账号"),
    (MailTemplate, "title", "模板"),
    (InboxItem, "title", "消息"),
)
# Whoever sees most of the page.
READERS = (
    "superuser",
    "examiner",
    "official",
    "proctor",
    "verified",
    "claimed",
    "phone",
    "system",
    "public",
)
# Not pages: a film, and what machines ask of a process.
UNREAD = ("examiner:part", "review:film", "readyz")
SHOWN = [
    row
    for row in ROWS
    if row.who and row.name not in UNREAD and not row.name.endswith("_export")
]


@pytest.fixture(scope="module")
def chinese(world) -> World:
    """The same world, with everything that people typed in Chinese."""
    for model, name, words in NAMED:
        for row in model._default_manager.all():
            model._default_manager.filter(pk=row.pk).update(
                **{name: f"{words}{row.pk}"}
            )
    Project.objects.update(hotline_hours="北京时间 08:00–18:00")
    DeviceLease.objects.update(device="浏览器")
    return world


def typed() -> frozenset[str]:
    """Codes and addresses are nobody's language; these may lack a digit."""
    attempts = Attempt.objects.values_list("code", flat=True)
    return frozenset(
        [
            # The chain of what belongs to no session, and the reference of an actor.
            *("system", "test", "tickets"),
            *Session.objects.values_list("code", flat=True),
            *attempts,
            # What a tile shows of somebody without a number.
            *(code[:6] for code in attempts),
            *Case.objects.values_list("code", flat=True),
            *Incident.objects.values_list("code", flat=True),
            *Project.objects.values_list("slug", flat=True),
            *Candidate.objects.values_list("ticket_number", flat=True),
            *Companion.objects.values_list("code", flat=True),
        ]
    )


def reader_of(row: Row) -> str:
    return next(one for one in READERS if one in row.who | row.past.keys())


def english_on(response) -> list[str]:
    """Return what is not Chinese on a page, or in the sentences of an answer."""
    kind = response.headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        return latin_words(response.content.decode(), typed=typed())
    if kind.endswith("json"):
        texts = [("json", text) for text in sentences_of(response.content.decode())]
        return latin_in(texts, typed=typed())
    return []


@pytest.mark.parametrize("row", SHOWN, ids=str)
def test_page_is_chinese(db, chinese, row):
    how = PAGE if row in JSON_API else {}

    with undone():
        response = ask(chinese, row, reader_of(row), **how)
        assert english_on(response) == []


@pytest.mark.parametrize(
    "state",
    ["enrolled", "checked_in", "entered", "submitted", "sealed", "absent", "released"],
)
def test_candidates_pages_are_chinese_in_every_state(db, chinese, state):
    attempt = chinese.attempts["here"]
    Attempt.objects.filter(pk=attempt.pk).update(state=state)
    Session.objects.filter(pk=attempt.session_id).update(
        state="released" if state == "released" else "published"
    )
    Result.objects.create(
        attempt=attempt,
        value=Decimal(80),
        working={"rule": {"trim": 0, "decimals": 2}, "totals": ["80"]},
        computed_at=attempt.session.starts_at,
        released_at=attempt.session.starts_at if state == "released" else None,
    )

    found = {}
    for row in ROWS:
        if str(row) in CANDIDATES_PAGES:
            how = PAGE if row in JSON_API else {}
            found[str(row)] = english_on(ask(chinese, row, "verified", **how))

    assert found == {name: [] for name in CANDIDATES_PAGES}


CANDIDATES_PAGES = (
    "GET candidate:home",
    "GET candidate:exam",
    "GET candidate:result",
    "GET api:state",
)


@pytest.mark.parametrize("row", SHOWN, ids=str)
@pytest.mark.parametrize("persona", ["staff", "waiting"])
def test_refusal_is_chinese(db, chinese, row, persona):
    how = PAGE if row in JSON_API else {}

    with undone():
        assert english_on(ask(chinese, row, persona, **how)) == []


def test_error_pages_are_chinese(db, chinese, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    stranger = chinese.browser("public")
    replies = {
        404: stranger.get("/nowhere/"),
        403: chinese.browser("public", csrf=True).post("/staff/sign-in/"),
    }
    monkeypatch.setattr("candidates.views.candidate.render", fail)
    replies[500] = stranger.get("/")

    assert {status: reply.status_code for status, reply in replies.items()} == {
        404: 404,
        403: 403,
        500: 500,
    }
    for reply in replies.values():
        assert "k-cand__body" in reply.content.decode()
        assert english_on(reply) == []


@pytest.mark.parametrize(
    "html",
    [
        "<p>请稍候 please</p>",
        '<button aria-label="Close">×</button>',
        '<input placeholder="Search">',
        '<img alt="A photo">',
        '<input type="submit" value="Save">',
        '<template><i data-word="x">Loading…</i></template>',
        '<script type="application/json">{"a": ["Not yet"]}</script>',
    ],
)
def test_english_word_planted_is_found(html):
    assert len(latin_words(html)) == 1


def test_codes_and_foreign_words_are_left_alone():
    page = (
        '<html lang="zh-Hans"><p>请上传 .xlsx 或 .csv 文件，UTC+8，SHA-256 指纹</p>'
        '<button lang="en">English</button><p>考次 k7f3 于 2030-05-20T09:00</p></html>'
    )

    assert latin_words(page) == []
