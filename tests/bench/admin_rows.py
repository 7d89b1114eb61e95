"""A national day in the database: as many people as asked, with all that hangs on them.

Imported when the stage is set and Django is ready, not before. Rows are made by the
database itself; keys follow from the number of the person, so that more can be added.
"""

from datetime import timedelta
from itertools import count

from django.db import connection, models

from candidates.models import (
    Candidate,
    CheckIn,
    Companion,
    DeviceLease,
    Enrolment,
    Observation,
    Presence,
    Recording,
)
from exams.kernel import clock
from exams.models import (
    Attempt,
    AuditEntry,
    Exhibit,
    Project,
    Result,
    Room,
    Session,
    Sheet,
    Staff,
)
from helpdesk.models import Request
from proctoring.models import Article, Case, Incident

OF_SESSION, OF_ROOM = 100_000, 200
MOCK = 100_000_000  # added to the number of a person, it is the key of their mock
DIGEST = "md5('{0}' || n) || md5(n || '{0}')"
CODE = "translate(left(md5('{0}' || n), 16), '01', 'xy')"
WHEN = "now() - n % 86400 * interval '1 second'"
NAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红鹏建国"


class People:
    """Grows one project to so many candidates; `boss` may see all of it."""

    def __init__(self) -> None:
        now = clock.now()
        self.boss = Staff.objects.create_superuser("bench", password=None)
        self.project = Project.objects.create(
            slug="bench",
            title="Bench",
            access_opens_at=now - timedelta(days=9),
            access_closes_at=now + timedelta(days=9),
        )
        self.article = Article.objects.create(
            project=self.project, code="1.1", chapter="cheating", sanction="void"
        )
        self.sessions: list[Session] = []
        self.mock = self._session(
            "Mock", kind="mock", mock_closes_at=now + timedelta(days=1)
        )
        self.held = 0

    def grow(self, upto: int) -> None:
        """Add people until there are so many; the planner's figures are made new."""
        first, last = self.held + 1, upto
        for number in count(len(self.sessions)):
            if number * OF_SESSION >= upto:
                break
            self.sessions.append(self._session(f"Session {number}"))
        room = f"(n - 1) / {OF_ROOM} + 1"
        held = Room.objects.count()
        rooms = (upto - 1) // OF_ROOM + 1
        _fill(Room, held + 1, rooms, id="n", session_id=self._of(OF_ROOM), name="n")
        session = self._of()
        self._fill_roster(first, last, session=session, room=room)
        self._fill_exam(first, last)
        self._fill_outcome(first, last)
        self._fill_marks(first, last)
        self._fill_requests_and_audit(first, last)
        self.held = upto
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")

    def code_of(self, number: int) -> str:
        return Attempt.objects.get(pk=number).code

    def name_of(self, number: int) -> str:
        """Return surname and first letter, which some thousandth share."""
        return Candidate.objects.get(pk=number).name[:2]

    def _session(self, title: str, **more: object) -> Session:
        starts = clock.now() + timedelta(hours=1)
        return Session.objects.create(
            project=self.project, title=title, starts_at=starts, **more
        )

    def _of(self, unit: int = 1) -> str:
        keys = ", ".join(str(one.pk) for one in self.sessions)
        return f"(ARRAY[{keys}])[(n - 1) * {unit} / {OF_SESSION} + 1]"

    def _fill_roster(self, first: int, last: int, *, session: str, room: str) -> None:
        _fill(
            *(Candidate, first, last),
            id="n",
            project_id=self.project.pk,
            ticket_number="'2026' || lpad(n::text, 8, '0')",
            name=_one_of(NAMES, 1)
            + "||"
            + _one_of(GIVEN, 20)
            + "||"
            + _one_of(GIVEN, 600),
            id_number=_sealed("id_number", "110101199003075131"),
            phone=_sealed("phone", "13800001234"),
            email=_sealed("email", "somebody@example.org"),
            id_hash=DIGEST.format("i"),
            sign_in_hash=DIGEST.format("s"),
            contact_hash=DIGEST.format("c"),
            phone_tail="lpad((n * 7 % 10000)::text, 4, '0')",
            post="'Post ' || n % 40",
            photo="CASE WHEN n % 10 > 0 THEN 'photos/' || n ELSE '' END",
        )
        states = "{enrolled,enrolled,entered,submitted,submitted,sealed,marked,absent}"
        _fill(
            *(Attempt, first, last),
            id="n",
            session_id=session,
            room_id=room,
            code=CODE.format("attempt"),
            state=_mixed(states),
            submitted_at=WHEN,
        )
        _fill(
            *(Attempt, first, last, "n % 2 = 0"),
            id=f"{MOCK} + n",
            session_id=self.mock.pk,
            code=CODE.format("mock"),
            state="'submitted'",
            entered_at=WHEN,
        )
        _fill(
            *(Enrolment, first, last),
            id="n",
            candidate_id="n",
            attempt_id="n",
            session_id=session,
        )
        _fill(
            *(Enrolment, first, last, "n % 2 = 0"),
            id=f"{MOCK} + n",
            candidate_id="n",
            attempt_id=f"{MOCK} + n",
            session_id=self.mock.pk,
            mock_day="current_date",
            mock_ordinal="1",
        )

    def _fill_exam(self, first: int, last: int) -> None:
        one = {"id": "n", "attempt_id": "n"}
        waits = "CASE WHEN n % 1000 = 0 THEN 'waiting' ELSE {} END"
        _fill(
            *(DeviceLease, first, last),
            **one,
            token_digest=DIGEST.format("t"),
            epoch="1",
            level=_mixed("{verified,verified,verified,claimed}"),
            state=waits.format(_mixed("{active,ended}")),
            created_at=WHEN,
        )
        _fill(
            *(CheckIn, first, last),
            **one,
            lease_id="n",
            state=waits.format(_mixed("{approved,approved,approved,declined}")),
            consent_version="'1'",
            consented_at=WHEN,
            created_at=WHEN,
        )
        _fill(
            *(Companion, first, last),
            **one,
            code=CODE.format("phone"),
            state=_mixed("{ended,ended,ended,filming,expired,revoked}"),
            token_digest=DIGEST.format("o"),
            digits_hash=DIGEST.format("d"),
            created_at=WHEN,
            expires_at=WHEN,
        )
        _fill(Presence, first, last, **one, at=WHEN, backlog_most="n % 70")
        # After the exam: one in twenty is still coming in.
        state = (
            "CASE WHEN n % 1000 = 0 THEN 'needs_review'"
            " WHEN n % 20 = 7 THEN 'open' ELSE 'verified' END"
        )
        for key, stream, attempt in (
            ("2 * n", "camera", "n"),
            ("2 * n + 1", "screen", "n"),
            (f"{MOCK} + n", "camera", f"{MOCK} + n"),
        ):
            some = "n % 2 = 0" if "+ n" in attempt else "true"
            _fill(
                *(Recording, first, last, some),
                id=key,
                attempt_id=attempt,
                code=f"md5('{stream}' || {attempt})::uuid",
                stream=f"'{stream}'",
                state=state,
                complete="n % 5 > 0",
            )
        _fill(
            *(Observation, first, last),
            **one,
            kind=_mixed("{focus_lost,focus_lost,share_stopped,device_lost}"),
            from_at=WHEN,
        )

    def _fill_outcome(self, first: int, last: int) -> None:
        one = {"id": "n", "attempt_id": "n"}
        clip = {"from_at": WHEN, "to_at": WHEN}
        _fill(
            *(Incident, first, last, "n % 5 = 0"),
            **one,
            **clip,
            code=CODE.format("incident"),
            source=_mixed("{observation,proctor,job}"),
            at=WHEN,
            state="CASE WHEN n % 1000 = 0 THEN 'open' ELSE 'dismissed' END",
        )
        _fill(
            *(Case, first, last, "n % 100 = 0"),
            **one,
            **clip,
            code=CODE.format("case"),
            article_id=self.article.pk,
            opened_by_id=self.boss.pk,
            opened_at=WHEN,
            state="CASE WHEN n % 1000 = 0 THEN 'opened' ELSE 'declined' END",
        )

    def _fill_marks(self, first: int, last: int) -> None:
        one = {"id": "n", "attempt_id": "n"}
        _fill(
            *(Exhibit, first, last),
            **one,
            code="md5('exhibit' || n)::uuid",
            created_at=WHEN,
        )
        _fill(
            *(Sheet, first, last),
            **one,
            examiner_id=self.boss.pk,
            exhibit_id="n",
            code="md5('sheet' || n)::uuid",
            state=_mixed("{draft,submitted,submitted}"),
        )
        _fill(
            *(Result, first, last),
            **one,
            value="n % 100",
            working="'{}'",
            computed_at=WHEN,
        )

    def _fill_requests_and_audit(self, first: int, last: int) -> None:
        one = {"id": "n", "attempt_id": "n"}
        _fill(
            *(Request, first, last, "n % 20 = 0"),
            **one,
            code=CODE.format("request"),
            project_id=self.project.pk,
            state=_mixed("{resolved,resolved,open}"),
            opened_at=WHEN,
            last_at=WHEN,
            waiting_since=f"CASE WHEN n % 400 = 0 THEN {WHEN} END",
        )
        for turn, action in enumerate(("checked_in", "entered", "submitted", "sealed")):
            _fill(
                *(AuditEntry, first, last),
                id=f"4 * n + {turn}",
                chain=f"'{self.sessions[-1].code}'",
                seq=f"4 * n + {turn}",
                at=WHEN,
                action=f"'attempt.{action}'",
                actor_kind="'candidate'",
                actor_ref=CODE.format("attempt"),
                subject=f"'attempt:' || {CODE.format('attempt')}",
                facts="'{}'",
                previous=DIGEST.format("p"),
                digest=DIGEST.format("q"),
            )


def _fill(
    model: type[models.Model], first: int, last: int, some: str = "true", **given
) -> None:
    """Insert one row for each number `n`; what is not given is the field's default."""
    columns, values, texts = [], [], []
    for field in model._meta.concrete_fields:
        columns.append(connection.ops.quote_name(field.column))
        if field.attname in given:
            text = str(given.pop(field.attname)).replace("%", "%%")
            values.append(f"({text})::{field.rel_db_type(connection)}")
        else:
            values.append("%s")
            texts.append(field.get_db_prep_save(field.get_default(), connection))
    assert not given, given
    some = some.replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM generate_series(%s, %s) n WHERE {some}",
            [*texts, first, last],
        )


def _sealed(name: str, text: str) -> str:
    # The same ciphertext for all: what it costs to open is the same.
    return f"'\\x{Candidate._meta.get_field(name).get_prep_value(text).hex()}'"


def _mixed(texts: str) -> str:
    # Not in step with what else follows from the number.
    many = texts.count(",") + 1
    return f"('{texts}'::text[])[1 + n / 3 % {many}]"


def _one_of(letters: str, step: int) -> str:
    return f"substr('{letters}', 1 + n / {step} % {len(letters)}, 1)"
