"""R76, R114: nothing an examiner can reach tells who is being scored."""

import base64
import re
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from candidates.domain.inbox import deliver
from candidates.domain.thumbnails import store_thumbnail
from candidates.models import Candidate, Recipient, Ticket, TicketBatch
from exams.kernel.tokens import random_code
from exams.models import (
    Attempt,
    Criterion,
    DrawnNumber,
    Exhibit,
    Project,
    Session,
    Sheet,
    Staff,
)
from tests.builders.candidates import (
    make_candidate,
    make_companion,
    make_conflict,
    make_enrolment,
    make_lease,
    make_match,
    make_recording,
    make_segment,
)
from tests.builders.cases import make_case, make_court, make_incident
from tests.builders.exams import after_start, make_exclusion, make_staff
from tests.builders.helpdesk import make_message, make_request
from tests.builders.mail import make_draft
from tests.builders.pictures import small_jpeg
from tests.builders.scoring import (
    MEDIA,
    make_exhibit,
    make_number,
    make_panel,
    make_scoring_session,
    make_sheet,
)
from tests.leaks.canaries import Canary, codings_of, leaks_in
from tests.leaks.crawler import Crawl

pytestmark = pytest.mark.django_db
PEOPLE = (
    ("林知远", "Lin Zhiyuan", "11010119900307123X", "13800138001", "云州市第三中学"),
    ("欧阳若楠", "Ouyang Ruonan", "440301199512124561", "13911112222", "区统计局"),
    ("阿依古丽", "Ayguli", "650102199807074320", "18600003333", "疾控中心检验科"),
)
KEYED = (Project, Session, Attempt, Criterion, DrawnNumber, Exhibit, Sheet, Staff)
FIRST_KEY = 730_000_000


def start_keys(model, first):
    """Let the next row of the table have a key that no page shows by chance."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first]
            )
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)",
                [table, first],
            )


def make_story(attempt, latin):
    """What the organs around the passage leave behind: talk, phone, notes, a case."""
    request = make_request(attempt, ticket_number=f"YZ-{latin}")
    said = f"This is {latin}, I cannot hear anything"
    make_message(request, said)
    phone = make_companion(attempt, device=f"Phone of {latin}")
    told = deliver(attempt, kind="warning", title=f"To {latin}", at=after_start(60))
    incident = make_incident(attempt)
    case = make_case(attempt, make_court(attempt.session))
    store_thumbnail(attempt, "camera", small_jpeg(), at=after_start(60))
    return [
        Canary("request", request.code),
        Canary("typed ticket number", request.ticket_number),
        Canary("message", said),
        Canary("phone", phone.code),
        Canary("phone's name", phone.device),
        Canary("phone's digits", phone.digits_hash),
        Canary("inbox item", told.code),
        Canary("inbox title", told.title),
        Canary("incident", incident.code),
        Canary("incident note", incident.note),
        Canary("case", case.code),
        Canary("facts of a case", case.facts),
    ]


def make_letters(enrolment, latin):
    """What was handed and written before the day: a ticket, a letter, an address."""
    person = enrolment.candidate
    person.email = f"{latin.replace(' ', '.')}@example.org".lower()
    person.save()
    batch = TicketBatch.objects.filter(session=enrolment.session).first()
    batch = batch or TicketBatch.objects.create(
        session=enrolment.session,
        language="zh-hans",
        state="published",
        entry_url="https://exam.example.org/p/x/",
        requested_by=make_staff(),
        created_at=after_start(-9000),
    )
    ticket = Ticket.objects.create(
        batch=batch,
        code=random_code(24),
        enrolment=enrolment,
        made_at=after_start(-9000),
        path=f"{batch.code}/{latin.split()[0].lower()}q7.pdf",
    )
    mailing = make_draft(enrolment.session, subject=f"Letter before {latin}")
    letter = Recipient.objects.create(
        mailing=mailing, enrolment=enrolment, code=random_code(24), state="sent"
    )
    return [
        Canary("e-mail", person.email),
        Canary("ticket file", ticket.path),
        Canary("ticket code", ticket.code),
        Canary("tickets", batch.code),
        Canary("letter", letter.code),
        Canary("subject of a letter", mailing.subject),
        Canary("mailing", mailing.code),
    ]


def make_person(session, person, number):
    """A candidate with everything that a real one leaves behind, and the canaries."""
    name, latin, id_number, phone, post = person
    attempt = Attempt.objects.create(
        session=session,
        state="sealed",
        entered_at=after_start(-301),
        submitted_at=after_start(1177),
        submitted_by="candidate",
        ranking_group=f"group-of-{latin}",
        written_mark="76.543",
    )
    candidate = make_candidate(
        session.project,
        name=name,
        id_number=id_number,
        phone=phone,
        phone_tail=phone[-4:],
        post=post,
        ticket_number=f"YZ{phone}",
        photo=f"photos/{latin.lower().replace(' ', '')}k3v9",
    )
    enrolment = make_enrolment(candidate, attempt)
    letters = make_letters(enrolment, latin)
    lease = make_lease(attempt, device=f"{latin}-PC", address="203.0.113.77")
    recording = make_recording(attempt)
    segment = make_segment(recording, device=f"Webcam of {latin}")
    make_number(attempt, number)
    exhibit = make_exhibit(attempt, data=MEDIA + bytes([number]))
    return attempt, [
        Canary("name", name),
        Canary("latin name", latin),
        Canary("ID number", id_number),
        Canary("ID tail", id_number[-6:]),
        Canary("phone", phone),
        Canary("post", post),
        Canary("ticket number", candidate.ticket_number),
        Canary("photo", candidate.photo.name),
        Canary("ID hash", candidate.id_hash),
        Canary("sign-in hash", candidate.sign_in_hash),
        Canary("attempt", attempt.code),
        Canary("ranking group", attempt.ranking_group),
        Canary("written mark", attempt.written_mark),
        Canary("entered", attempt.entered_at.isoformat()[:16]),
        Canary("lease", lease.token_digest),
        Canary("device", lease.device),
        Canary("address", lease.address),
        Canary("recording", str(recording.code)),
        Canary("recording folder", recording.code.hex),
        Canary("segment", str(segment.uuid)),
        Canary("exhibit path", exhibit.parts[0]["path"]),
        Canary("exhibit source", exhibit.source_digest),
        *make_story(attempt, latin),
        *letters,
    ]


def enter_conflict(attempt, person, staff):
    """An administrator's entry about a person, of whom the examiner hears nothing."""
    candidate = Candidate.objects.get(name=person[0])
    make_match(candidate, attempt, staff=make_staff())
    make_conflict(
        staff,
        project=candidate.project,
        kind="candidate",
        value=candidate.ticket_number,
        declared_by=make_staff(),
    )


@pytest.fixture
def scene():
    """A panel of two, three people to score; the second examiner's sheets are in."""
    for shift, model in enumerate(KEYED):
        start_keys(model, FIRST_KEY + shift * 1_000_000)
    session = make_scoring_session(title="下午场")
    session.project.title = "公开招聘面试"
    session.project.save()
    examiner, other = make_panel(session, 2)
    canaries = []
    for number, person in zip((17, 4, 29), PEOPLE, strict=True):
        attempt, found = make_person(session, person, number)
        canaries += found
        make_sheet(attempt, other, "41.75", "40.50")
        enter_conflict(attempt, person, other)
    return session, examiner, canaries


def crawl(examiner, language):
    client = Client(headers={"Accept-Language": language})
    client.force_login(examiner)
    leaving = (reverse("staff:sign-out"), reverse("set_language"))
    return Crawl(client, leaving).run(reverse("examiner:index"))


def leaks(found, canaries):
    return {
        (visit.method, visit.url, *leak)
        for visit, reply in found.replies.items()
        for leak in leaks_in(reply, canaries)
    }


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_crawl_of_an_examiner_finds_no_canary_anywhere(scene, language):
    _, examiner, canaries = scene

    found = crawl(examiner, language)

    assert len(canaries) >= 3 * 34
    assert leaks(found, canaries) == set()


def test_crawl_of_an_examiner_reaches_every_page_media_and_error(scene):
    _, examiner, _ = scene

    found = crawl(examiner, "en")

    reached = {
        (visit.method, re.sub(r"[0-9a-f-]{36}", "…", visit.url).split("?")[0], status)
        for visit, status in found.statuses.items()
    }
    session = scene[0].code
    assert {
        ("GET", "/examiner/", 200),
        ("GET", f"/examiner/sessions/{session}/", 200),
        ("POST", f"/examiner/sessions/{session}/", 302),
        ("POST", f"/examiner/sessions/{session}/", 404),
        ("GET", "/examiner/sheets/…/", 200),
        ("OPTIONS", "/examiner/sheets/…/", 405),
        ("POST", "/examiner/sheets/…/marks/", 302),
        ("POST", "/examiner/sheets/…/marks/", 422),
        ("GET", "/examiner/sheets/…/marks/", 405),
        ("GET", "/examiner/sheets/…/submission/", 200),
        ("POST", "/examiner/sheets/…/submission/", 302),
        ("POST", "/examiner/sheets/…/submission/", 409),
        ("GET", "/conflicts/", 200),
        ("POST", "/conflicts/", 422),
        ("GET", "/examiner/exhibits/…/parts/1", 200),
        ("GET", "/examiner/exhibits/…/parts/1", 206),
        ("GET", "/examiner/exhibits/…/parts/1", 416),
        ("GET", "/examiner/exhibits/…/parts/99", 404),
        ("POST", "/staff/sign-out/", 302),
    } <= reached
    assert set(Sheet.objects.filter(examiner=examiner).values_list("state")) == {
        ("locked",)
    }


def test_crawl_of_an_examiner_finds_no_integer_key(scene):
    _, examiner, _ = scene

    found = crawl(examiner, "en")

    keys = {
        str(key)
        for model in (*KEYED, Candidate)
        for key in model.objects.filter(pk__gte=FIRST_KEY).values_list("pk", flat=True)
    }
    pattern = re.compile(rb"(?<![\w-])(7[3-9]\d{7})(?![\w-])")
    shown = {
        key.decode()
        for reply in found.replies.values()
        for key in pattern.findall(reply)
    }
    assert len(keys) >= 15
    assert shown & keys == set()


def test_crawl_never_reaches_an_attempt_that_the_examiner_is_excluded_from(scene):
    session, examiner, _ = scene
    excluded = session.attempts.get(drawn_number__number=29)
    make_exclusion(excluded, examiner)

    found = crawl(examiner, "en")

    exhibit = str(excluded.exhibits.get().code).encode()
    assert not any(
        exhibit in reply or b">029<" in reply for reply in found.replies.values()
    )


@pytest.mark.parametrize(
    "hide",
    [
        str,
        quote,
        lambda name: name.encode().hex(),
        lambda name: base64.b64encode(b"x" + name.encode()).decode(),
        lambda name: "".join(f"&#{ord(letter)};" for letter in name),
        lambda name: name.encode("unicode-escape").decode(),
    ],
    ids=["raw", "percent", "hex", "base64", "entity", "unicode-escape"],
)
def test_crawl_finds_a_name_planted_in_one_header(scene, settings, hide):
    _, examiner, canaries = scene
    settings.PLANTED = hide(PEOPLE[0][0])
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.leaks.planted.OneHeader"]

    found = leaks(crawl(examiner, "en"), canaries)

    assert {kind for _, _, kind, _ in found} == {"name"}
    assert {url.split("/")[2] for _, url, _, _ in found} == {"sheets"}


@pytest.mark.parametrize("text", ["林知远", "13800138001", "11010119900307123X"])
def test_codings_of_a_canary_are_each_found_inside_other_bytes(text):
    for coding, needle in codings_of(text).items():
        assert ("kind", coding) in leaks_in(
            b"<p>" + needle + b"</p>", [Canary("kind", text)]
        )
    for shift in range(3):
        hidden = base64.b64encode(b"a" * shift + text.encode() + b"tail")
        assert leaks_in(hidden, [Canary("kind", text)])
