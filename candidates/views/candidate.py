"""The candidate's pages: projects, entry, home, the one exam page."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.access import (
    browser_of,
    drop_lease_cookie,
    lease_for,
    own_attempt,
    set_lease_cookie,
)
from candidates.api.base import state_reply
from candidates.domain.checkin import CONSENT_VERSION, MAX_PHOTOS, MIN_PHOTOS
from candidates.domain.face_login import CONSENT_VERSION as FACE_CONSENT_VERSION
from candidates.domain.face_login import withdraw_consent
from candidates.domain.leases import Claim, claim_lease, end_lease
from candidates.domain.mocks import start_mock
from candidates.domain.sign_in import open_attempt, sign_in
from candidates.enums import LeaseState
from candidates.models import Candidate, DeviceLease
from candidates.queries import home as home_queries
from candidates.queries.faces import has_kept_face
from candidates.queries.mocks import mock_cards
from candidates.queries.tickets import own_tickets
from candidates.queries.uploading import is_home_locked
from exams.domain.documents import download_name
from exams.enums import DocumentKind, HeadphonePolicy
from exams.kernel import clock
from exams.kernel.errors import NotFound, Refusal
from exams.models import Document, Project
from exams.queries.meaning import rules_of

API = "/api/v1/attempts"
HOME_DOCUMENTS = (
    DocumentKind.FLOW,
    DocumentKind.RULES,
    DocumentKind.MANUAL,
    DocumentKind.FAQ,
    DocumentKind.UPLOAD_GUIDE,
    DocumentKind.REQUIREMENTS,
    DocumentKind.SAMPLE,
)


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """List the projects that candidates may find."""
    at = clock.now()
    projects = [project_of(row, at=at) for row in home_queries.open_projects(at=at)]
    return render(request, "candidate/landing.html", {"projects": projects})


@never_cache
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, slug: str) -> HttpResponse:
    """The door: access period, hotline, and the sign-in form (R1, R8)."""
    at, project = clock.now(), project_named(slug)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            claim = sign_in(
                project,
                ticket_number=request.POST.get("ticket_number", "")[:80],
                id_suffix=request.POST.get("id_suffix", "")[:40],
                browser=browser_of(request),
                at=at,
            )
        except Refusal as error:
            refusal = error
        else:
            return with_lease(redirect("candidate:home", slug=slug), claim)
    context = {
        "project": project_of(project, at=at),
        "ticket_number": request.POST.get("ticket_number", "")[:80],
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "candidate/entry.html", context, status=status)


@never_cache
@require_GET
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """My exams: what is when, what is mine to open, what is to be read."""
    lease = lease_in(request, slug)
    if lease is None:
        return redirect("candidate:entry", slug=slug)
    at = clock.now()
    if is_home_locked(lease, at=at):
        return redirect("candidate:exam", code=lease.attempt.code)
    return home_page(request, lease, at=at)


def home_page(
    request: HttpRequest,
    lease: DeviceLease,
    *,
    at: datetime,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Return the home page; `refusal` is why no mock test was started just now."""
    project, candidate = lease.attempt.session.project, person_of(lease)
    documents = home_queries.published_documents(
        project, kinds=HOME_DOCUMENTS, at=at, language=get_language()
    )
    context = {
        "project": project_of(project, at=at),
        "candidate": {
            "name": candidate.name,
            "ticket_number": candidate.ticket_number,
            "post": candidate.post,
        },
        "lease_state": lease.state,
        # The messages on the page are those of the attempt that the browser holds.
        "time_zone": lease.attempt.session.time_zone,
        "face_kept": has_kept_face(lease.attempt),
        "exams": home_queries.exams_of(candidate, lease=lease, at=at),
        "tickets": own_tickets(candidate) if lease.state != LeaseState.WAITING else {},
        "mocks": mock_cards(candidate, at=at),
        "refusal": refusal,
        "documents": [document_of(row) for row in documents],
    }
    status = refusal.status if refusal else 200
    return render(request, "candidate/home.html", context, status=status)


@never_cache
@require_POST
def begin_mock(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Start a mock test, or go on with the one that runs (R3)."""
    lease = lease_in(request, slug)
    if lease is None:
        return redirect("candidate:entry", slug=slug)
    at = clock.now()
    try:
        attempt = start_mock(person_of(lease), session=code, at=at)
    except NotFound:
        raise
    except Refusal as refusal:
        return home_page(request, lease, at=at, refusal=refusal)
    claim = claim_lease(attempt, browser=browser_of(request), at=at)
    return with_lease(redirect("candidate:exam", code=attempt.code), claim)


@require_POST
def open_exam(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Act for another attempt of the same person in this browser."""
    lease = lease_in(request, slug)
    if lease is None:
        return redirect("candidate:entry", slug=slug)
    claim = open_attempt(lease, code=code, browser=browser_of(request), at=clock.now())
    return with_lease(redirect("candidate:exam", code=code), claim)


@require_POST
def withdraw_face(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the consent to the face comparison back; what is kept is deleted."""
    lease = lease_in(request, slug)
    if lease is None:
        return redirect("candidate:entry", slug=slug)
    withdraw_consent(lease, at=clock.now())
    return redirect("candidate:home", slug=slug)


@require_POST
def sign_out(request: HttpRequest, slug: str) -> HttpResponse:
    lease = lease_in(request, slug)
    if lease is not None:
        end_lease(lease, at=clock.now())
    response = redirect("candidate:entry", slug=slug)
    drop_lease_cookie(response)
    return response


@never_cache
@require_GET
def exam(request: HttpRequest, code: str) -> HttpResponse:
    """The one document from device preparation to receipt (design §5)."""
    lease = own_attempt(request, code)
    at, session = clock.now(), lease.attempt.session
    context = {
        "project": project_of(session.project, at=at),
        "attempt_code": code,
        "session": {
            "code": session.code,
            "title": session.title,
            "time_zone": session.time_zone,
            "kind": session.kind,
            "auto_assign": session.auto_assign,
        },
        "rules": rules_of(session),
        "headphones": session.headphones == HeadphonePolicy.ALLOW,
        "state": state_reply(lease, at=at),
        "consent": {"version": CONSENT_VERSION, "face": FACE_CONSENT_VERSION},
        "face_tries": settings.FACE_TRIES,
        "endpoints": endpoints_of(code),
        "photo_max_bytes": settings.PHOTO_MAX_BYTES,
        "photos_min": MIN_PHOTOS,
        "photos_max": MAX_PHOTOS,
    }
    return render(request, "candidate/exam.html", context)


def lease_in(request: HttpRequest, slug: str) -> DeviceLease | None:
    """Return the asking browser's lease if it is one of this project."""
    lease = lease_for(request)
    if lease is None or lease.attempt.session.project.slug != slug:
        return None
    return lease


def person_of(lease: DeviceLease) -> Candidate:
    candidate = home_queries.candidate_of(lease.attempt)
    if candidate is None:
        raise NotFound
    return candidate


def with_lease(response: HttpResponse, claim: Claim) -> HttpResponse:
    set_lease_cookie(response, claim.cookie)
    return response


def project_named(slug: str) -> Project:
    project = home_queries.project_by_slug(slug)
    if project is None:
        raise NotFound
    return project


def project_of(project: Project, *, at: datetime) -> dict:
    opens, closes = project.access_opens_at, project.access_closes_at
    return {
        "slug": project.slug,
        "title": project.title,
        "hotline": project.hotline,
        "hotline_hours": project.hotline_hours,
        "rules": project.rules,
        "time_zone": project.time_zone,
        "opens_at": opens,
        "closes_at": closes,
        "is_open": opens <= at < closes,
    }


def document_of(document: Document) -> dict:
    return {
        "kind": document.kind,
        "kind_label": document.get_kind_display(),
        "title": document.title,
        "version": document.version,
        "body": document.body,
        "file": file_of(document),
    }


def file_of(document: Document) -> dict | None:
    """Return address, type and name of a document's file; None without one."""
    if not document.file:
        return None
    place = (document.project.slug, document.file_digest)
    return {
        "url": reverse("candidate:document-file", args=place),
        "type": document.file_type,
        "name": download_name(document),
        "is_picture": document.file_type.startswith("image/"),
    }


def endpoints_of(code: str) -> dict[str, str]:
    """Return the addresses that the exam page's modules speak to."""
    names = {
        "state": "state",
        "documents": "documents",
        "draw": "draw",
        "enter": "enter",
        "submit": "submit",
        "seal": "seal",
        "observations": "observations",
        "information": "information",
        "check_ins": "check-ins",
        "face_challenges": "face-challenges",
        "face_answers": "face-answers",
    }
    found = {name: reverse(f"api:{route}") for name, route in names.items()}
    return found | {
        "stages": f"{API}/me/stages/",
        "paper": f"{API}/{code}/paper",
        "paper_key": f"{API}/{code}/paper-key",
        "recordings": "/api/v1/recordings/",
        "socket": "/ws/attempt/",
    }
