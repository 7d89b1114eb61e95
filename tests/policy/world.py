"""Two projects with everything in them, and one browser per persona.

`here` is where the personas hold their leases and roles; `beside` is another session
of the same project (and another examiner's sheet), `there` another project.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.test.client import ClientHandler

from candidates.access import COOKIE
from candidates.backends.chunk_store import LocalChunkStore
from candidates.domain.face_login import CONSENT_VERSION
from candidates.domain.inbox import deliver
from candidates.domain.photos import clean_photo
from candidates.domain.thumbnails import store_thumbnail
from candidates.models import (
    CheckInPhoto,
    Chunk,
    Companion,
    DeviceLease,
    FaceCheck,
    MailPermit,
    Observation,
    PhotoBatch,
    RosterImport,
)
from candidates.phone_access import COOKIE as PHONE_COOKIE
from exams.domain.api_tokens import make_token
from exams.domain.audit import Actor, record
from exams.domain.staff import assign
from exams.enums import Role, Scope
from exams.kernel import tokens
from exams.models import (
    Assignment,
    Attempt,
    Draw,
    Exhibit,
    Project,
    Result,
    Session,
    Staff,
)
from exams.views.media import PLAYERS
from proctoring.models import Watch
from proctoring.views.players import PLAYERS as FILMS
from tests.builders.candidates import (
    make_candidate,
    make_check_in,
    make_chunk,
    make_companion,
    make_enrolment,
    make_lease,
    make_match,
    make_recording,
    make_segment,
)
from tests.builders.cases import (
    confirm,
    make_article,
    make_case,
    make_court,
    make_film,
    make_incident,
    make_noticed_case,
)
from tests.builders.exams import (
    START,
    before_start,
    make_attempt,
    make_document,
    make_filed_document,
    make_paper,
    make_project,
    make_room,
    make_session,
)
from tests.builders.helpdesk import make_request
from tests.builders.mail import make_sent_mailing
from tests.builders.passages import make_stages, picture
from tests.builders.pictures import small_jpeg
from tests.builders.scoring import make_exhibit, make_number, make_sheet
from tests.builders.tickets import make_published_tickets
from tests.policy.table import CHALLENGE

BY = Actor("system", "test")
AN_HOUR = timedelta(hours=1)
NOW = before_start(1200)
PAGE = {"HTTP_KAOWU_CLIENT": "1", "HTTP_SEC_FETCH_SITE": "same-origin"}
_handlers = {csrf: ClientHandler(enforce_csrf_checks=csrf) for csrf in (False, True)}
ROLES = ("examiner", "chief_examiner", "helpdesk", "proctor", "official", "auditor")


@dataclass
class World:
    """`targets[place][name]` are the arguments of a URL."""

    targets: dict[str, dict[str, tuple]] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def browser(self, persona: str, *, csrf: bool = False, **defaults: str) -> Client:
        """Return a new browser with the persona's cookies."""
        headers = self.headers.get(persona)
        client = Client(raise_request_exception=False, headers=headers, **defaults)
        # Loading the middleware again for every cell would cost more than the cell.
        client.handler = _handlers[csrf]
        known = self.clients.get(persona)
        if known:
            client.cookies.update(known.cookies)
        return client


def make_world() -> World:
    world = World()
    here = make_place(make_project(slug="here"))
    beside = make_place(here.project)
    there = make_place(make_project(slug="there"))
    staff = make_accounts(world, here)
    colleague = make_account("colleague")
    give_role(colleague, Role.EXAMINER, session=here.session)
    stranger = make_account("stranger")
    give_role(stranger, Role.EXAMINER, session=there.session)
    here.sheet = make_sheet(here.sealed, staff["examiner"], state="draft")
    beside.sheet = make_sheet(here.sealed, colleague, state="draft")
    there.sheet = make_sheet(there.sealed, stranger, state="draft")
    here.account, beside.account = make_account("newcomer"), make_account("assigned")
    give_role(beside.account, Role.PROCTOR, session=beside.session)
    there.account = stranger
    for place in (here, beside, there):
        place.apitoken, secret = make_token(
            place.project,
            name="成绩系统",
            scopes=Scope.values,
            days=30,
            by=place.account,
            at=NOW,
        )
        world.headers.setdefault("system", {"Authorization": f"Bearer {secret}"})
        place.match = make_match(place.candidate, place.attempt)
        place.declaredconflict = place.match.conflict
        place.assignment = give_role(
            make_account(f"watcher-{place.session.code}"), Role.PROCTOR, room=place.room
        )
    for name, place in {"here": here, "beside": beside, "there": there}.items():
        world.targets[name] = targets_of(place)
    allow_players(world, [here.exhibit, beside.exhibit, there.exhibit])
    allow_films(world, [here.sealed, beside.sealed, there.sealed])
    watch_everybody(staff.values(), [here, beside, there])
    make_leases(world, here)
    make_phone(world)
    return world


def watch_everybody(staff: Iterable[Staff], places: list[SimpleNamespace]) -> None:
    """As if every account had each place's seat enlarged: rights alone decide.

    For longer than all cells take on a slow machine, whose clock runs on.
    """
    Watch.objects.bulk_create(
        Watch(staff=one, attempt=place.attempt, from_at=NOW, to_at=NOW + AN_HOUR)
        for one in staff
        for place in places
    )


def make_place(project: Project) -> SimpleNamespace:
    """A session with one of each row that the portal knows."""
    session = make_session(
        # In the language of the letters, which quote it.
        title="上午场",
        project=project,
        state="published",
        paper=make_paper(project),
    )
    sealed = make_attempt(session, state="sealed", entered_at=START)
    make_number(sealed, 17)
    exhibit = make_exhibit(sealed)
    draw = Draw.objects.get(session=session)
    attempt = make_attempt(session, state="checked_in")
    make_stages(attempt, "devices", "check_in")
    candidate = make_candidate(project)
    candidate.photo.save("x", ContentFile(portrait()))
    make_enrolment(candidate, attempt)
    asking = make_attempt(session)
    make_enrolment(make_candidate(project, photo=candidate.photo.name), asking)
    check_in = make_check_in(make_lease(asking, level="claimed"))
    photo = CheckInPhoto(check_in=check_in, digest="0" * 64)
    photo.image.save("x", ContentFile(portrait()))
    return SimpleNamespace(
        project=project,
        session=session,
        sealed=sealed,
        exhibit=exhibit,
        draw=draw,
        attempt=attempt,
        candidate=candidate,
        check_in=check_in,
        photo=photo,
        inbox_item=deliver(
            attempt, kind="warning", title="w", at=NOW, must_acknowledge=True
        ),
        live_chunk=make_live_chunk(attempt),
        request=make_request(attempt),
        takeover=make_lease(asking, state="waiting", epoch=None),
        ticketbatch=make_published_tickets(session, NOW),
        mailing=make_sent_mailing(session),
        **make_papers(project, session, sealed, attempt),
        **make_trials(sealed, attempt),
    )


def make_trials(sealed: Attempt, attempt: Attempt) -> dict:
    """What officials look at in one place: an incident, two cases, a film."""
    court = make_court(sealed.session)
    make_film(sealed)
    return {
        "article": make_article(sealed.session.project),
        "incident": make_incident(sealed),
        "case": confirm(make_case(sealed, court), court),
        "told_case": make_noticed_case(attempt, court),
    }


def make_live_chunk(attempt: Attempt) -> Chunk:
    """One stored chunk, and a small picture, of somebody who is recorded."""
    store_thumbnail(attempt, "camera", small_jpeg(), at=NOW)
    segment = make_segment(make_recording(attempt, stream="screen"))
    recording = segment.recording.code
    store = LocalChunkStore(settings.RECORDINGS_ROOT)
    offset = store.append(recording, segment.uuid, [b"chunk"])
    store.sync()
    return make_chunk(segment, size=5, offset=offset)


def make_papers(
    project: Project, session: Session, sealed: Attempt, attempt: Attempt
) -> dict:
    """What administrators look at in one place."""
    return {
        "paper": make_paper(project),
        "filed": make_filed_document(project),
        "document": make_document(
            project, kind="rules", title=f"rules of {session.code}", published_at=None
        ),
        "draft": make_session(project=project),
        "mock": make_session(
            project=project,
            kind="mock",
            state="published",
            starts_at=before_start(3600),
            paper=make_paper(project),
        ),
        "room": make_room(session),
        "recording": make_recording(attempt),
        "companion": make_companion(attempt),
        "result": Result.objects.create(
            attempt=sealed,
            value=Decimal(80),
            working={"value": "80.00"},
            computed_at=START,
        ),
        "observation": Observation.objects.create(
            attempt=attempt, kind="focus_lost", from_at=START
        ),
        "auditentry": record(
            "session.seen", by=BY, at=NOW, subject="s", facts={}, chain=session.code
        ),
        "photobatch": PhotoBatch.objects.create(
            project=session.project,
            uploaded_by=make_account(f"photographer-{session.code}"),
            filename="照片.zip",
            state="preview",
            created_at=NOW,
            touched_at=NOW,
        ),
        "rosterimport": RosterImport.objects.create(
            session=session,
            uploaded_by=make_account(f"uploader-{session.code}"),
            filename="名单.csv",
            created_at=NOW,
            state="preview",
            counts={"new": 0, "changed": 0, "same": 0, "bad": 0, "gone": 0},
        ),
    }


def targets_of(place: SimpleNamespace) -> dict[str, tuple]:
    rows = {
        name: (getattr(place, name).pk,)
        for name in (
            "paper",
            "document",
            "filed",
            "room",
            "draw",
            "result",
            "auditentry",
            "recording",
            "observation",
            "candidate",
            "rosterimport",
            "photobatch",
            "check_in",
            "photo",
            "takeover",
            "article",
            "companion",
            "assignment",
            "declaredconflict",
            "apitoken",
            "ticketbatch",
            "mailing",
        )
    }
    ticket = place.ticketbatch.tickets.get(enrolment__attempt=place.attempt)
    return rows | {
        "": (),
        "project": (place.project.slug,),
        "session": (place.session.code,),
        "attempt": (place.attempt.code,),
        "file": (place.project.slug, place.filed.file_digest),
        "open": (place.project.slug, place.attempt.code),
        "mock": (place.project.slug, place.mock.code),
        "stage": ("flow",),
        "seat": (place.attempt.code,),
        "live_chunk": (place.attempt.code, place.live_chunk.segment.uuid, 0),
        "thumbnail": (place.attempt.code, "camera"),
        "stream": ("camera",),
        "request": (place.request.code,),
        "inbox_item": (place.inbox_item.code,),
        "sheet": (place.sheet.code,),
        "part": (place.exhibit.code, 1),
        "incident": (place.incident.code,),
        "case": (place.case.code,),
        "case_step": (place.case.code, "notice"),
        "told_case": (place.told_case.code,),
        "film": (place.sealed.code, "camera", 1, 1),
        "view_on_site": (1, place.project.pk),
        "app": ("exams",),
        "stray": ("nowhere/",),
        "token": ("0" * 32,),
        "match": (place.match.conflict_id, place.match.pk),
        "ticket_file": (place.attempt.code, "zh-hans"),
        "ticket": (place.ticketbatch.pk, ticket.code),
        "mailtemplate": (place.mailing.template_id,),
        "mailpermit": (MailPermit.objects.get(session=place.session).pk,),
        "formal_session": (place.session.pk,),
        "admin:project": (place.project.pk,),
        "admin:session": (place.draft.pk,),
        "admin:attempt": (place.attempt.pk,),
        "admin:sheet": (place.sheet.pk,),
        "admin:staff": (place.account.pk,),
        "admin:checkin": (place.check_in.pk,),
        "admin:devicelease": (place.takeover.pk,),
        "admin:case": (place.case.pk,),
        "admin:incident": (place.incident.pk,),
    }


def make_account(username: str, **columns: object) -> Staff:
    staff = Staff(username=username, **columns)
    staff.set_unusable_password()
    staff.save()
    return staff


def make_accounts(world: World, here: SimpleNamespace) -> dict[str, Staff]:
    staff = {
        "staff": make_account("staff"),
        "bare": make_account("bare", is_staff=True),
        "superuser": make_account("superuser", is_staff=True, is_superuser=True),
        "retired": make_account(
            "retired", is_staff=True, is_superuser=True, is_active=False
        ),
        "administrator": make_account("administrator"),
        "session_administrator": make_account("session_administrator"),
    }
    give_role(staff["administrator"], Role.ADMINISTRATOR, project=here.project)
    give_role(staff["session_administrator"], Role.ADMINISTRATOR, session=here.session)
    for role in ROLES:
        staff[role] = make_account(role)
        give_role(staff[role], role, session=here.session)
    for name, account in staff.items():
        world.clients[name] = Client()
        world.clients[name].force_login(account)
    return staff


def give_role(staff: Staff, role: str, **scope: object) -> Assignment:
    return assign(staff, role=role, by=BY, at=before_start(86_400), **scope)


def allow_players(world: World, exhibits: list[Exhibit]) -> None:
    """As if the examiner's sign-in had opened every player before."""
    for persona in ("examiner", "chief_examiner"):
        session = world.clients[persona].session
        session[PLAYERS] = [str(exhibit.code) for exhibit in exhibits]
        session.save()


def allow_films(world: World, attempts: list[Attempt]) -> None:
    """As if the official's sign-in had opened the films of every attempt before."""
    session = world.clients["official"].session
    session[FILMS] = [attempt.code for attempt in attempts]
    session.save()


def make_leases(world: World, here: SimpleNamespace) -> None:
    """The leases of the attempt `here`, and one of its neighbour's.

    One lease of an attempt is active: `claimed` is `verified` before the check-in, and
    `become` lowers it for one request.
    """
    lease = make_lease(here.attempt, token="verified", epoch=3)
    FaceCheck.objects.create(
        code=CHALLENGE,
        attempt=here.attempt,
        lease=lease,
        consent_version=CONSENT_VERSION,
        steps=["left", "centre", "right"],
        issued_at=NOW,
        expires_at=START,
    )
    make_lease(
        here.attempt, token="waiting", state="waiting", epoch=None, level="claimed"
    )
    make_lease(here.attempt, token="superseded", state="superseded", epoch=1)
    make_lease(here.attempt, token="ended", state="ended", epoch=2)
    neighbour = make_attempt(here.session, state="checked_in")
    make_stages(neighbour, "devices", "check_in")
    make_enrolment(make_candidate(here.project), neighbour)
    make_lease(neighbour, token="neighbour")
    world.attempts = {"here": here.attempt, "neighbour": neighbour}
    for persona in (
        "claimed",
        "verified",
        "waiting",
        "superseded",
        "ended",
        "neighbour",
    ):
        world.clients[persona] = Client()
        secret = "verified" if persona == "claimed" else persona
        world.clients[persona].cookies[COOKIE] = secret


def make_phone(world: World) -> None:
    """The phone of `here`; its secret is its name."""
    world.clients["phone"] = Client()
    world.clients["phone"].cookies[PHONE_COOKIE] = "phone"
    Companion.objects.filter(attempt=world.attempts["here"]).update(
        phone_digest=tokens.digest("phone")
    )


def become(persona: str) -> None:
    """Put the rows as this persona finds them, until the cell is rolled back."""
    if persona == "claimed":
        DeviceLease.objects.filter(token_digest=tokens.digest("verified")).update(
            level="claimed"
        )


def portrait() -> bytes:
    return clean_photo(picture(), max_bytes=3_000_000)
