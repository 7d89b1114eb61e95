"""The demo's examination: made by the same domain calls as a real one.

One session runs at once, full of simulated candidates; one starts in three minutes
for the visitor, who may also take mock tests. Refused where real candidates are.
"""

import io
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook

from candidates.domain import photo_files, roster
from candidates.domain.people import check_digit
from candidates.models import Candidate, Enrolment
from candidates.simulation.walk import portrait
from config.pages.demo_letters import write_letters
from exams.domain import papers, projects, setup
from exams.domain import staff as staff_domain
from exams.domain.audit import Actor
from exams.domain.freezing import freeze
from exams.domain.schedule import Schedule
from exams.enums import DocumentKind, Role, SessionKind
from exams.kernel.errors import Refusal
from exams.models import Project, Session, Staff
from exams.models.project import default_stages, preset_a

BY = Actor("system", "demo")
ORIGIN = "simulated"
VISITORS = 2
ID_AREA = "110105"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROLES = {
    "helpdesk": (Role.HELPDESK,),
    "examiner": (Role.EXAMINER,),
    "chief_examiner": (Role.CHIEF_EXAMINER,),
    "proctor": (Role.PROCTOR,),
    "official": (Role.OFFICIAL,),
    # What officials decide needs two of them.
    "second_official": (Role.OFFICIAL,),
    "auditor": (Role.AUDITOR,),
}
# Nobody scores a mock.
MOCK_ROLES = {
    name: ROLES[name]
    for name in ("helpdesk", "proctor", "official", "second_official", "auditor")
}
MOCKS_PER_DAY = 3
MOCK_ANSWER = 120


class RealRowsHere(Refusal):
    """The demo never mixes with a real examination."""

    code = "real_rows_here"
    message = gettext_lazy(
        "This data folder holds real candidates, so no demo is made in it. Name "
        "another folder with DATA."
    )


@dataclass(frozen=True)
class Timing:
    """Seconds: until the start, and the windows around it."""

    start_in: int
    entry_before: int
    draw_before: int
    answer: int


CROWD = Timing(start_in=75, entry_before=45, draw_before=15, answer=600)
VISITOR = Timing(start_in=180, entry_before=120, draw_before=30, answer=300)


def seed(
    *,
    base: str,
    candidates: int,
    at: datetime,
    known: dict | None,
    crowd: Timing = CROWD,
    visitor: Timing = VISITOR,
) -> dict:
    """Make the demo, or go on with the one that is there; return the accounts.

    `known` is what an earlier run wrote; what people typed into that demo since is
    part of it. Raises `RealRowsHere` for candidates that no demo knows of. Shape:
    `{base, staff: {role: {url, username, password}}, candidates: [{url,
    ticket_number, id_suffix, simulated}]}`.
    """
    if known is None and Candidate.objects.exclude(origin=ORIGIN).exists():
        raise RealRowsHere
    if known and _still_open(at):
        return known
    staff = _create_staff(base, known=known["staff"] if known else {}, at=at)
    people = _create_examination(
        base, candidates=candidates, crowd=crowd, visitor=visitor, at=at
    )
    return {"base": base, "staff": staff, "candidates": people}


def _still_open(at: datetime) -> bool:
    sessions = Session.objects.filter(
        origin=ORIGIN, state="published", kind=SessionKind.FORMAL
    )
    return any(Schedule.of(session).ends > at for session in sessions)


def _create_staff(base: str, *, known: dict, at: datetime) -> dict:
    """Return the accounts, made where an earlier version of the demo had none."""
    accounts = dict(known)
    if "administrator" not in known:
        password = _password()
        staff_domain.create_superuser(
            "administrator", password=password, name=_("Administrator"), by=BY, at=at
        )
        accounts["administrator"] = _login(f"{base}/admin/", "administrator", password)
    for username, roles in ROLES.items():
        if username in known:
            continue
        password = _password()
        staff_domain.create_staff(
            username,
            password=password,
            name=str(Role(roles[0]).label),
            by=BY,
            at=at,
        )
        accounts[username] = _login(f"{base}/staff/sign-in/", username, password)
    return accounts


def _create_examination(
    base: str, *, candidates: int, crowd: Timing, visitor: Timing, at: datetime
) -> list[dict]:
    number = Project.objects.count() + 1
    project = setup.create_project(
        f"demo-{number}" if number > 1 else "demo",
        title=_("Demonstration interview"),
        hotline="400-000-1234",
        hotline_hours="00:00–24:00",
        access_opens_at=at - timedelta(days=1),
        access_closes_at=at + timedelta(days=30),
        by=BY,
        at=at,
    )
    _write_documents(project, at=at)
    # The crowd has phones; a visitor can walk alone.
    morning = _create_session(
        project, _("Morning session"), crowd, stages=preset_a(), at=at
    )
    yours = _create_session(
        project, _("Your session"), visitor, stages=default_stages(), at=at
    )
    first = number * 100_000
    crowd_rows = _rows(first + 1, candidates, room=_("Room 1"))
    visitor_rows = _rows(first + 50_001, VISITORS, room=_("Room 1"))
    for session, rows in ((morning, crowd_rows), (yours, visitor_rows)):
        _import_people(session, rows, at=at)
        _open_session(session, ROLES, at=at)
    mock = _create_mock(project, at=at)
    _open_session(mock, MOCK_ROLES, at=at)
    url = f"{base}/p/{project.slug}/"
    administrator = Staff.objects.get(username="administrator")
    write_letters(
        project, [yours], entry_url=url, drafted_by=administrator, by=BY, at=at
    )
    return [
        {
            "url": url,
            "ticket_number": row[0],
            "id_suffix": row[2][-6:],
            "simulated": rows is crowd_rows,
        }
        for rows in (visitor_rows, crowd_rows)
        for row in rows
    ]


def _write_documents(project: Project, *, at: datetime) -> None:
    texts = [
        (
            DocumentKind.FLOW,
            _("Exam flow"),
            _(
                "Prepare your devices, prove your identity, draw your number, read the "
                "attachments and press Enter in time. The questions appear by "
                "themselves at the start second. If the network drops, go on "
                "answering: everything is kept on your computer and sent later."
            ),
        ),
        (
            DocumentKind.ATTACHMENT,
            _("Exam rules"),
            _(
                "Stay in the picture, alone, without headphones. Never say your name, "
                "ticket number, employer or family background: you are known to the "
                "examiners by your sequence number only."
            ),
        ),
    ]
    for kind, title, body in texts:
        document = setup.create_document(
            project, kind=kind, title=title, body=body, by=BY, at=at
        )
        projects.publish_document(document, by=BY, at=at)


def _create_session(
    project: Project,
    title: str,
    timing: Timing,
    *,
    stages: list[str],
    at: datetime,
) -> Session:
    paper = papers.create_paper(
        project,
        title=title,
        questions=[
            papers.QuestionText(
                _(
                    "A community turns an old workshop into a place for everybody, and "
                    "the money covers only half of the wishes. How do you find out "
                    "what people need, and what do you propose?"
                ),
                seconds=120,
            ),
            papers.QuestionText(
                _(
                    "A colleague misses a deadline that your own work depends on. What "
                    "do you do today, and what do you change for next time?"
                ),
                seconds=120,
            ),
        ],
        criteria=[
            papers.CriterionText(_("Analysis"), Decimal(30)),
            papers.CriterionText(_("Organisation"), Decimal(40)),
            papers.CriterionText(_("Expression"), Decimal(30)),
        ],
        by=BY,
        at=at,
    )
    return setup.create_session(
        project,
        title=title,
        starts_at=(at + timedelta(seconds=timing.start_in)).replace(microsecond=0),
        login_open_before=1800,
        entry_open_before=timing.entry_before,
        draw_close_before=timing.draw_before,
        answer=timing.answer,
        stages=stages,
        paper=paper,
        origin=ORIGIN,
        by=BY,
        at=at,
    )


def _create_mock(project: Project, *, at: datetime) -> Session:
    """A mock session with a practice paper, open until the project closes."""
    paper = papers.create_paper(
        project,
        title=_("Practice questions"),
        questions=[
            papers.QuestionText(
                _(
                    "For practice: say what you did yesterday, and look whether "
                    "picture and sound of your recording are good."
                ),
                seconds=60,
            )
        ],
        criteria=[],
        by=BY,
        at=at,
    )
    return setup.create_session(
        project,
        title=_("Mock test"),
        kind=SessionKind.MOCK,
        starts_at=at.replace(microsecond=0),
        mock_closes_at=project.access_closes_at - timedelta(days=1),
        mock_per_day=MOCKS_PER_DAY,
        answer=MOCK_ANSWER,
        paper=paper,
        origin=ORIGIN,
        by=BY,
        at=at,
    )


def _import_people(session: Session, rows: list[tuple], *, at: datetime) -> None:
    administrator = Staff.objects.get(username="administrator")
    file = SimpleUploadedFile("roster.xlsx", workbook_of(rows), content_type=XLSX)
    with transaction.atomic():
        preview = roster.preview_roster(
            session, file=file, filename=file.name, by=administrator, at=at
        )
        roster.commit_roster(preview, by=BY, at=at)
        roster.mark_simulated(session)
        for serial, person in enumerate(people_of(session)):
            photo_files.set_photo(person, photo=portrait(serial, 1), by=BY, at=at)


def _open_session(
    session: Session, roles_by_name: dict[str, tuple], *, at: datetime
) -> None:
    for username, roles in roles_by_name.items():
        person = Staff.objects.get(username=username)
        for role in roles:
            staff_domain.assign(person, role=role, session=session, by=BY, at=at)
    projects.publish_session(session, by=BY, at=at)
    freeze(session, by=BY, at=at)


def people_of(session: Session) -> QuerySet[Candidate]:
    enrolled = Enrolment.objects.filter(session=session).values("candidate")
    return Candidate.objects.filter(pk__in=enrolled).order_by("ticket_number")


def workbook_of(rows: list[tuple]) -> bytes:
    """Return an `.xlsx` roster with the documents' own headings."""
    book = Workbook()
    sheet = book.active
    sheet.append(["准考证号", "姓名", "身份证号", "手机号", "报考岗位", "考场", "邮箱"])
    for row in rows:
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _rows(first: int, count: int, *, room: str) -> list[tuple]:
    family, given = "赵钱孙李周吴郑王冯陈褚卫", "安平远宁清嘉文博雅乐思齐"
    return [
        (
            f"{2027_0000_0000 + first + n}",
            family[n % 12] + given[n // 12 % 12] + given[n * 7 % 12],
            id_number(first + n),
            f"138{first + n:08d}",
            _("General administration"),
            room,
            f"candidate-{first + n}@example.org",
        )
        for n in range(count)
    ]


def id_number(serial: int) -> str:
    """Return a made-up ID number with a true check digit (GB 11643)."""
    body = f"{ID_AREA}{1970 + serial // 1000 % 40}0101{serial % 1000:03d}"
    return body + check_digit(body)


def _password() -> str:
    return secrets.token_urlsafe(9)


def _login(url: str, username: str, password: str) -> dict:
    return {"url": url, "username": username, "password": password}


def read_accounts(path: Path) -> dict | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write_accounts(path: Path, accounts: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(accounts, indent=2, ensure_ascii=False), "utf-8")
    path.chmod(0o600)
