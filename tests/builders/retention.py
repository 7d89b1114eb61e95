"""A person of whom the portal holds something of every class, long after the results."""

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from candidates.domain.archive import archive_recording
from candidates.domain.inbox import deliver
from candidates.domain.thumbnails import store_thumbnail
from candidates.models import (
    CheckInPhoto,
    FaceCheck,
    Observation,
    Presence,
    TicketBatch,
)
from config.pages import retention_plan
from config.pages.retention_job import carry_out
from exams.domain import retention
from exams.domain.audit import Actor, record
from exams.enums import RetentionClass
from exams.models import Approval, Project, RetentionRun, Session, Staff
from tests.builders.archives import make_sealed_recording, make_take
from tests.builders.candidates import (
    Take,
    make_candidate,
    make_check_in,
    make_companion,
    make_enrolment,
    make_lease,
)
from tests.builders.exams import (
    START,
    after_start,
    make_attempt,
    make_session,
    make_staff,
)
from tests.builders.helpdesk import make_message, make_request
from tests.builders.passages import make_stages
from tests.builders.pictures import small_jpeg

BY = Actor("system", "test")
RELEASED = START + timedelta(days=3)
LATER = START + timedelta(days=2000)
# One text or bytes for each thing; `films` and `photos` are in files only.
TEXTS = {
    "chat": "聊天金丝雀-7Qx2",
    "notice": "消息金丝雀-9Kd4",
    "device": "电脑金丝雀-3Lm8",
    "phone": "手机金丝雀-5Tr6",
    "address": "203.0.113.77",
    "phone address": "203.0.113.78",
    "noticed": "观测金丝雀-2Wb5",
    "heard": "心跳金丝雀-8Hn1",
    "diagnosis": "诊断金丝雀-4Zc9",
    "face": "0.7301947",
}
FILES = {
    "photo": b"photo-canary-51c0d9e2",
    "roster photo": b"roster-canary-7be1f4a8",
    "screen": b"screen-canary-0d4f93b6" * 9,
    "side": b"phone-canary-aa73e1c5" * 9,
    "ticket": b"ticket-canary-1f88b0d3",
}


def make_released_session(project: Project, **columns: object) -> Session:
    """A session whose results came out, as its audit trail says."""
    session = make_session(project=project, state="released", **columns)
    with transaction.atomic():
        record(
            "session.released", by=BY, at=RELEASED, subject=f"session:{session.code}",
            facts={}, chain=session.code,
        )  # fmt: skip
    return session


def make_held_person(session: Session) -> SimpleNamespace:
    """An attempt of the session with one canary of each kind, and its camera's film."""
    attempt = make_attempt(session, state="released", entered_at=START)
    person = make_candidate(session.project, name="姓名金丝雀", phone="13900007788")
    person.photo.save("x", ContentFile(FILES["roster photo"]))
    make_enrolment(person, attempt)
    lease = make_lease(attempt, device=TEXTS["device"], address=TEXTS["address"])
    check_in = make_check_in(lease, state="approved")
    photo = CheckInPhoto(check_in=check_in, digest="0c" * 32)
    photo.image.save("x", ContentFile(FILES["photo"]))
    FaceCheck.objects.create(
        attempt=attempt, lease=lease, state="passed", consent_version="1", steps=[],
        issued_at=START, expires_at=START, embedding=TEXTS["face"],
    )  # fmt: skip
    make_stages(attempt, "devices")
    Observation.objects.create(
        attempt=attempt, kind="device_lost", from_at=START,
        facts={"label": TEXTS["noticed"]},
    )  # fmt: skip
    Presence.objects.create(attempt=attempt, at=START, facts={"label": TEXTS["heard"]})
    make_companion(
        attempt, state="ended", device=TEXTS["phone"], address=TEXTS["phone address"]
    )
    request = make_request(attempt, diagnostics={"browser": TEXTS["diagnosis"]})
    make_message(request, TEXTS["chat"])
    deliver(attempt, kind="message", title="t", body=TEXTS["notice"], at=START)
    store_thumbnail(attempt, "camera", small_jpeg(), at=START)
    _make_tickets(session)
    return SimpleNamespace(
        attempt=attempt, person=person, check_in=check_in, photo=photo,
        request=request, **_films(attempt),
    )  # fmt: skip


def _make_tickets(session: Session) -> None:
    batch = TicketBatch.objects.create(
        session=session, language="en", state="published", entry_url="x",
        requested_by=make_staff(), created_at=START,
    )  # fmt: skip
    path = Path(settings.TICKETS_ROOT) / batch.code / "1.pdf"
    path.parent.mkdir(parents=True)
    path.write_bytes(FILES["ticket"])


def _films(attempt) -> dict:
    take = make_take(1)
    camera = make_sealed_recording([take], attempt=attempt)
    archive_recording(camera, at=after_start(4000))
    camera.refresh_from_db()
    others = {
        name: make_sealed_recording(
            [Take().record(FILES[name])], attempt=attempt, stream=stream
        )
        for name, stream in (("screen", "screen"), ("side", "companion"))
    }
    return {"take": take, "camera": camera, **others}


def propose(
    project: Project, by: Staff, *, kinds=tuple(RetentionClass), at: datetime = LATER
) -> RetentionRun:
    items = retention_plan.due_of(project, cutoff=at, at=at, kinds=kinds)
    return retention.propose(
        project, items=items, cutoff=at, reason="Time is over", by=by, at=at
    )


def agree(run: RetentionRun, by: Staff, *, at: datetime = LATER) -> RetentionRun:
    items = retention_plan.due_of(
        run.project, cutoff=run.cutoff, at=at, kinds=run.kinds
    )
    return retention.agree(run, items=items, by=by, at=at)


def delete_all(project: Project, people: list[Staff]) -> RetentionRun:
    """Two people agree, and the job runs to its end."""
    run = agree(propose(project, people[0]), people[1])
    carry_out(run.code)
    return RetentionRun.objects.get(pk=run.pk)


def make_finished_run(project: Project) -> RetentionRun:
    """A deletion of nothing, asked for, agreed to and carried out by its rows alone."""
    run = RetentionRun(
        project=project, kinds=["chat"], cutoff=START, state="finished",
        started_at=START, finished_at=START,
    )  # fmt: skip
    run.approval = Approval.objects.create(
        project=project, action="project.deletion", subject=f"deletion:{run.code}",
        digest="0e" * 32, reason="到期", requested_by=make_staff(), requested_at=START,
        expires_at=START, approved_by=make_staff(), approved_at=START,
    )  # fmt: skip
    run.save()
    return run
