"""One place of the world: a session with one of each row that the portal knows."""

from decimal import Decimal
from types import SimpleNamespace

from django.conf import settings
from django.core.files.base import ContentFile

from candidates.backends.chunk_store import LocalChunkStore
from candidates.domain.inbox import deliver
from candidates.domain.photos import clean_photo
from candidates.domain.thumbnails import store_thumbnail
from candidates.models import (
    CheckInPhoto,
    Chunk,
    MailPermit,
    Observation,
    PhotoBatch,
    Recheck,
    RosterImport,
)
from exams.domain.audit import Actor, record
from exams.models import (
    Attempt,
    Draw,
    Project,
    Result,
    Session,
    SignInLock,
    Staff,
)
from tests.builders.candidates import (
    make_candidate,
    make_check_in,
    make_chunk,
    make_companion,
    make_enrolment,
    make_face_check,
    make_latecomer,
    make_lease,
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
    make_room,
    make_session,
)
from tests.builders.helpdesk import make_request
from tests.builders.mail import make_sent_mailing
from tests.builders.passages import make_stages, picture
from tests.builders.pictures import small_jpeg
from tests.builders.retention import make_finished_run
from tests.builders.scoring import make_exhibit, make_number
from tests.builders.tickets import make_published_tickets

BY = Actor("system", "test")
NOW = before_start(1200)


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
        facecheck=make_face_check(check_in.lease, state="failed"),
        photo=photo,
        inbox_item=deliver(
            attempt, kind="warning", title="w", at=NOW, must_acknowledge=True
        ),
        live_chunk=make_live_chunk(attempt),
        request=make_request(attempt),
        takeover=make_lease(asking, state="waiting", epoch=None),
        ticketbatch=make_published_tickets(session, NOW),
        mailing=make_sent_mailing(session),
        latecomer=make_latecomer(session),
        **make_papers(project, session, sealed, attempt),
        **make_trials(sealed, attempt),
    )


def make_trials(sealed: Attempt, attempt: Attempt) -> dict:
    """What officials look at in one place: an incident, two cases, a film."""
    court = make_court(sealed.session)
    make_film(sealed)
    lease = make_lease(sealed)
    Recheck.objects.create(attempt=sealed, text="请核对总分。", lease=lease, at=NOW)
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
        "deletion": make_finished_run(project),
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
        "signinlock": SignInLock.objects.create(
            key=f"{session.pk:064}", first_at=NOW, locked_until=START
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


# Rows whose address is their key.
KEYED = (
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
    "signinlock",
    "check_in",
    "facecheck",
    "photo",
    "takeover",
    "article",
    "companion",
    "assignment",
    "declaredconflict",
    "latecomer",
    "apitoken",
    "ticketbatch",
    "mailing",
)


def targets_of(place: SimpleNamespace) -> dict[str, tuple]:
    """Return what is in the address of each target of this place."""
    rows = {name: (getattr(place, name).pk,) for name in KEYED}
    ticket = place.ticketbatch.tickets.get(enrolment__attempt=place.attempt)
    return rows | {
        "": (),
        "project": (place.project.slug,),
        "session": (place.session.code,),
        "attempt": (place.attempt.code,),
        "asking": (place.check_in.attempt.code,),
        "file": (place.project.slug, place.filed.file_digest),
        "open": (place.project.slug, place.attempt.code),
        "mock": (place.project.slug, place.mock.code),
        "stage": ("flow",),
        "seat": (place.attempt.code,),
        "live_chunk": (place.attempt.code, place.live_chunk.segment.uuid, 0, 0),
        "thumbnail": (place.attempt.code, "camera"),
        "stream": ("camera",),
        "request": (place.request.code,),
        "inbox_item": (place.inbox_item.code,),
        "sheet": (place.sheet.code,),
        "part": (place.exhibit.code, 1),
        "deletion": (place.deletion.code,),
        "incident": (place.incident.code,),
        "case": (place.case.code,),
        "case_step": (place.case.code, "notice"),
        "told_case": (place.told_case.code,),
        "recheck": (place.sealed.code,),
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
        "inboxitem": (place.inbox_item.pk,),
        "admin:devicelease": (place.takeover.pk,),
        "admin:case": (place.case.pk,),
        "admin:incident": (place.incident.pk,),
    }


def make_account(username: str, **columns: object) -> Staff:
    staff = Staff(username=username, **columns)
    staff.set_unusable_password()
    staff.save()
    return staff


def portrait() -> bytes:
    return clean_photo(picture(), max_bytes=3_000_000)
