"""Two projects with everything in them, and one browser per persona.

`here` is where the personas hold their leases and roles; `beside` is another session
of the same project (and another examiner's sheet), `there` another project.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.test import Client
from django.test.client import ClientHandler

from candidates.access import COOKIE
from candidates.domain.photos import clean_photo
from candidates.models import CheckInPhoto, DeviceLease, Observation, RosterImport
from exams.domain.audit import Actor, record
from exams.domain.staff import assign
from exams.enums import Role
from exams.kernel import tokens
from exams.models import Attempt, Draw, Exhibit, Project, Result, Session, Staff
from exams.views.media import PLAYERS
from tests.builders.candidates import (
    make_candidate,
    make_check_in,
    make_enrolment,
    make_lease,
    make_recording,
)
from tests.builders.exams import (
    START,
    before_start,
    make_attempt,
    make_document,
    make_paper,
    make_project,
    make_room,
    make_session,
)
from tests.builders.passages import make_stages, picture
from tests.builders.scoring import make_exhibit, make_number, make_sheet

BY = Actor("system", "test")
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

    def browser(self, persona: str, *, csrf: bool = False, **defaults: str) -> Client:
        """Return a new browser with the persona's cookies."""
        client = Client(raise_request_exception=False, **defaults)
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
    for name, place in {"here": here, "beside": beside, "there": there}.items():
        world.targets[name] = targets_of(place)
    allow_players(world, [here.exhibit, beside.exhibit, there.exhibit])
    make_leases(world, here)
    return world


def make_place(project: Project) -> SimpleNamespace:
    """A session with one of each row that the portal knows."""
    session = make_session(
        project=project, state="published", paper=make_paper(project)
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
        takeover=make_lease(asking, state="waiting", epoch=None),
        **make_papers(project, session, sealed, attempt),
    )


def make_papers(
    project: Project, session: Session, sealed: Attempt, attempt: Attempt
) -> dict:
    """What administrators look at in one place."""
    return {
        "paper": make_paper(project),
        "document": make_document(
            project, kind="rules", title=f"rules of {session.code}", published_at=None
        ),
        "draft": make_session(project=project),
        "room": make_room(session),
        "recording": make_recording(attempt),
        "result": Result.objects.create(
            attempt=sealed, value=Decimal(80), working={}, computed_at=START
        ),
        "observation": Observation.objects.create(
            attempt=attempt, kind="focus_lost", from_at=START
        ),
        "auditentry": record(
            "session.seen", by=BY, at=NOW, subject="s", facts={}, chain=session.code
        ),
        "rosterimport": RosterImport.objects.create(
            session=session,
            uploaded_by=make_account(f"uploader-{session.code}"),
            filename="名单.csv",
            staged="[]",
            created_at=NOW,
            state="preview",
            counts={"new": 0, "changed": 0, "same": 0, "bad": 0},
        ),
    }


def targets_of(place: SimpleNamespace) -> dict[str, tuple]:
    rows = {
        name: (getattr(place, name).pk,)
        for name in (
            "paper",
            "document",
            "room",
            "draw",
            "result",
            "auditentry",
            "recording",
            "observation",
            "candidate",
            "rosterimport",
            "check_in",
            "photo",
            "takeover",
        )
    }
    return rows | {
        "": (),
        "project": (place.project.slug,),
        "session": (place.session.code,),
        "attempt": (place.attempt.code,),
        "open": (place.project.slug, place.attempt.code),
        "stage": ("flow",),
        "sheet": (place.sheet.code,),
        "part": (place.exhibit.code, 1),
        "view_on_site": (1, place.project.pk),
        "app": ("exams",),
        "stray": ("nowhere/",),
        "admin:project": (place.project.pk,),
        "admin:session": (place.draft.pk,),
        "admin:attempt": (place.attempt.pk,),
        "admin:sheet": (place.sheet.pk,),
        "admin:staff": (place.account.pk,),
        "admin:checkin": (place.check_in.pk,),
        "admin:devicelease": (place.takeover.pk,),
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


def give_role(staff: Staff, role: str, **scope: object) -> None:
    assign(staff, role=role, by=BY, at=before_start(86_400), **scope)


def allow_players(world: World, exhibits: list[Exhibit]) -> None:
    """As if the examiner's sign-in had opened every player before."""
    for persona in ("examiner", "chief_examiner"):
        session = world.clients[persona].session
        session[PLAYERS] = [str(exhibit.code) for exhibit in exhibits]
        session.save()


def make_leases(world: World, here: SimpleNamespace) -> None:
    """The leases of the attempt `here`, and one of its neighbour's.

    One lease of an attempt is active: `claimed` is `verified` before the check-in, and
    `become` lowers it for one request.
    """
    make_lease(here.attempt, token="verified", epoch=3)
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


def become(persona: str) -> None:
    """Put the rows as this persona finds them, until the cell is rolled back."""
    if persona == "claimed":
        DeviceLease.objects.filter(token_digest=tokens.digest("verified")).update(
            level="claimed"
        )


def portrait() -> bytes:
    return clean_photo(picture(), max_bytes=3_000_000)
