"""Two projects with everything in them, and one browser per persona.

`here` is where the personas hold their leases and roles; `beside` is another session
of the same project (and another examiner's sheet), `there` another project.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.test.client import ClientHandler

from candidates.access import COOKIE
from candidates.domain.face_login import CONSENT_VERSION
from candidates.models import (
    Companion,
    DeviceLease,
)
from candidates.phone_access import COOKIE as PHONE_COOKIE
from exams.domain.api_tokens import make_token
from exams.domain.staff import assign
from exams.enums import Role, Scope
from exams.kernel import tokens
from exams.models import (
    Assignment,
    Attempt,
    Exhibit,
    Staff,
)
from exams.views.media import PLAYERS
from proctoring.models import Watch
from proctoring.views.players import PLAYERS as FILMS
from tests.builders.candidates import (
    make_candidate,
    make_enrolment,
    make_face_check,
    make_lease,
    make_match,
)
from tests.builders.exams import (
    START,
    before_start,
    make_attempt,
    make_project,
)
from tests.builders.passages import make_stages
from tests.builders.scoring import make_sheet
from tests.policy.candidate_rows import CHALLENGE
from tests.policy.places import BY, NOW, make_account, make_place, targets_of

AN_HOUR = timedelta(hours=1)
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
    make_face_check(
        lease,
        code=CHALLENGE,
        consent_version=CONSENT_VERSION,
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
