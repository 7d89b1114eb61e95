"""Sign-in at the entry page: the right person, tried not too often.

Claims the lease through `leases`, counts tries through `budgets`. Compares keyed
hashes only and never says which half was wrong (design §5).
"""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from candidates.domain import budgets
from candidates.domain.leases import Browser, Claim, claim_lease
from candidates.domain.people import normalise_ticket, sign_in_hash
from candidates.models import Candidate, DeviceLease, Enrolment
from candidates.queries.home import attempt_to_open
from exams.kernel import keys, tokens
from exams.kernel.errors import NotFound, Refusal
from exams.models import Attempt, Project

TARGET_FAILURES = 5
SOURCE_FAILURES = 60


class SignInFailed(Refusal):
    """Unknown and wrong are the same, in words and in work."""

    code = "sign_in_failed"
    status = 403
    message = _("The ticket number and the ID number do not belong together.")


class AccessClosed(Refusal):
    code = "access_closed"
    status = 403
    message = _("Signing in is only possible inside the published access period.")


class NothingEnrolled(Refusal):
    code = "nothing_enrolled"
    status = 403
    message = _("No exam is published for you yet. Call the hotline.")


def sign_in(
    project: Project,
    *,
    ticket_number: str,
    id_suffix: str,
    browser: Browser,
    at: datetime,
) -> Claim:
    """Find the person by one keyed hash and claim their attempt for this browser.

    Raises `AccessClosed`, `TooManyTries`, `SignInFailed`, `NothingEnrolled`. Every
    try is charged to the target's and the source's budget before the comparison and
    given back when it was right. A browser that already holds a lease of the person
    is let through an exhausted budget, so that nobody can lock a candidate out.
    """
    if not project.access_opens_at <= at < project.access_closes_at:
        raise AccessClosed(
            opens=project.access_opens_at, closes=project.access_closes_at
        )
    counters = _counters(project, ticket_number, browser.address)
    exhausted = budgets.charge(counters, at=at)
    known = _person_of(browser)
    candidate = Candidate.objects.filter(
        sign_in_hash=sign_in_hash(project, ticket_number, id_suffix)
    ).first()
    if exhausted and not (candidate and candidate.pk == known):
        raise budgets.too_many(at)
    if candidate is None:
        raise SignInFailed
    budgets.refund(counters, at=at)
    if candidate.pk != known:
        # A secret that was planted in this browser must not become a lease.
        browser = replace(browser, cookie="")
    attempt = attempt_to_open(candidate, at=at)
    if attempt is None:
        raise NothingEnrolled
    return claim_lease(attempt, browser=browser, at=at)


def open_attempt(
    lease: DeviceLease, *, code: str, browser: Browser, at: datetime
) -> Claim:
    """Let a signed-in browser act for another attempt of the same person."""
    person = Enrolment.objects.filter(attempt=lease.attempt).values("candidate")
    attempt = Attempt.objects.filter(
        code=code,
        pk__in=Enrolment.objects.filter(candidate__in=person).values("attempt"),
    ).first()
    if attempt is None:
        raise NotFound
    return claim_lease(attempt, browser=browser, at=at)


def _person_of(browser: Browser) -> int | None:
    """Return the candidate whose lease this browser shows, if any.

    Asked before the comparison and whatever its outcome, so that a try on a used-up
    budget does the same work for a right and for a wrong guess.
    """
    held = DeviceLease.objects.filter(token_digest=tokens.digest(browser.cookie))
    enrolment = Enrolment.objects.filter(attempt__in=held.values("attempt"))
    return enrolment.values_list("candidate", flat=True).first()


def _counters(project: Project, ticket_number: str, address: str) -> dict[str, int]:
    """Return the two counters of a try and how many failures each allows."""
    target = f"{project.pk}\0{normalise_ticket(ticket_number)}"
    return {
        keys.lookup_hash(target, purpose="sign-in-target"): TARGET_FAILURES,
        keys.lookup_hash(address, purpose="sign-in-source"): SOURCE_FAILURES,
    }
