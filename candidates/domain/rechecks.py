"""Re-checks: one request for each released result, and an official's answer (S8).

Owns `Recheck` and `RecheckAnswer`, both only added to. Covers adding, entry and
omissions; writes no mark and no result. What is wrong is put right on the ways there
are, a case and its rulings, and the answer says so.
"""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from candidates.domain.inbox import deliver
from candidates.enums import InboxKind, LeaseState, RecheckOutcome
from candidates.models import DeviceLease, Recheck, RecheckAnswer
from candidates.queries.rechecks import (
    answer_to,
    recheck_of,
    recheck_window,
    result_link,
)
from candidates.queries.rights import LeaseLost, LeaseWaiting
from exams.access import require_role
from exams.domain.audit import Actor, record
from exams.domain.local_times import stamp, zone_named
from exams.enums import Role
from exams.kernel.errors import BadInput, Refusal
from exams.models import Attempt, Staff, Void
from exams.queries.results import released_result

MAX_TEXT = 1000


class TextMissing(Refusal):
    code = "text_missing"
    status = 422
    message = _("Write at least one and at most %(most)s characters.")


class NoResult(Refusal):
    """Nothing is released, or the score is cancelled: its case has other remedies."""

    code = "no_result"
    message = _("There is no released result that could be checked again.")


class RecheckClosed(Refusal):
    code = "recheck_closed"
    message = _("A re-check of this result could be asked for until %(closes)s.")


class NoRechecks(Refusal):
    code = "no_rechecks"
    message = _("No re-check can be asked for in this exam.")


class AlreadyAsked(Refusal):
    code = "already_asked"
    message = _("You have asked for a re-check already. It is possible once.")


class AlreadyAnswered(Refusal):
    code = "already_answered"
    message = _("This re-check was answered already.")


class NothingCorrected(Refusal):
    """“Corrected” is said of what happened, never instead of it."""

    code = "nothing_corrected"
    message = _(
        "Nothing was corrected since the re-check was asked for. First rule on a case "
        "of this attempt, or answer that the result is kept."
    )


def ask_recheck(lease: DeviceLease, *, text: str, at: datetime) -> Recheck:
    """Keep what the candidate asks to be checked: 1 to 1000 characters, once.

    Raises `LeaseWaiting`, `LeaseLost`, `TextMissing`, `NoResult`, `NoRechecks`,
    `RecheckClosed`, `AlreadyAsked`.
    """
    if lease.state == LeaseState.WAITING:
        raise LeaseWaiting
    if lease.state != LeaseState.ACTIVE:
        raise LeaseLost
    text = _checked(text)
    with transaction.atomic():
        attempt = _locked(lease.attempt)
        _require_open(attempt, at=at)
        if recheck_of(attempt):
            raise AlreadyAsked
        row = Recheck.objects.create(attempt=attempt, text=text, lease=lease, at=at)
        by = Actor.of_candidate(attempt)
        _record("asked", attempt, {"reason_sha256": _digest(text)}, by=by, at=at)
    return row


def answer_recheck(
    recheck: Recheck, *, outcome: str, text: str, by: Staff, at: datetime
) -> RecheckAnswer:
    """Tell the candidate what an official of the session found, once, with reasons.

    Raises `NotAllowed`, `BadInput`, `TextMissing`, `AlreadyAnswered`, and
    `NothingCorrected` for a correction that no ruling carried out.
    """
    attempt = recheck.attempt
    require_role(by, Role.OFFICIAL, session=attempt.session)
    if outcome not in RecheckOutcome.values:
        raise BadInput(reason="outcome")
    text = _checked(text)
    with transaction.atomic():
        attempt = _locked(attempt)
        if answer_to(recheck_of(attempt)):
            raise AlreadyAnswered
        turned = Void.objects.filter(attempt=attempt, at__gte=recheck.at).exists()
        if outcome == RecheckOutcome.CORRECTED and not turned:
            raise NothingCorrected
        row = RecheckAnswer.objects.create(
            recheck=recheck, outcome=outcome, text=text, by=by, at=at
        )
        facts = {"outcome": str(outcome), "reason_sha256": _digest(text)}
        _record("answered", attempt, facts, by=Actor.of_staff(by), at=at)
        _deliver(row, attempt, at=at)
    return row


def _require_open(attempt: Attempt, *, at: datetime) -> None:
    result, session = released_result(attempt), attempt.session
    if result is None:
        raise NoResult
    if not session.recheck_window:
        raise NoRechecks
    window = recheck_window(session, result.released_at)
    if not window.contains(at):
        raise RecheckClosed(closes=stamp(window.closes, zone_named(session.time_zone)))


def _checked(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= MAX_TEXT:
        raise TextMissing(most=MAX_TEXT)
    return text


def _locked(attempt: Attempt) -> Attempt:
    rows = Attempt.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("session").get(pk=attempt.pk)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _record(
    verb: str, attempt: Attempt, facts: dict, *, by: Actor, at: datetime
) -> None:
    record(
        f"recheck.{verb}",
        by=by,
        at=at,
        subject=f"attempt:{attempt.code}",
        facts=facts,
        chain=attempt.session.code,
    )


def _deliver(row: RecheckAnswer, attempt: Attempt, *, at: datetime) -> None:
    # A letter is kept as it was sent, in the portal's own language.
    with translation.override(settings.LANGUAGE_CODE):
        title = str(_("Answer to your re-check"))
        body = f"{row.get_outcome_display()}\n\n{row.text}"
    deliver(
        attempt,
        kind=InboxKind.RECHECK,
        title=title,
        body=body,
        link=result_link(attempt),
        at=at,
    )
