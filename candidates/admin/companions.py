"""The phones of an exam: seen, revoked, and a new code printed for one who calls."""

import base64

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from candidates.admin.evidence import EvidenceAdmin
from candidates.domain import pairing
from candidates.domain.companions import offer_code_for, revoke
from candidates.enums import CompanionState
from candidates.models import Companion
from candidates.queries.companions import open_code, shown_state
from exams.admin.badges import state_badge
from exams.admin.steps import Step, StepsMixin
from exams.domain.attempts import is_over
from exams.kernel import clock

COMPANION = {
    CompanionState.OFFERED: ("info", "qr"),
    CompanionState.OPENED: ("info", "eye"),
    CompanionState.BOUND: ("info", "phone"),
    CompanionState.FILMING: ("ok", "rec"),
    CompanionState.ENDED: ("idle", "check"),
    CompanionState.EXPIRED: ("idle", "clock"),
    CompanionState.REVOKED: ("bad", "none"),
    CompanionState.SUPERSEDED: ("idle", "swap"),
}
OPEN = (*CompanionState.WAITING, *CompanionState.LIVE)


def _extent(row: Companion):
    return _("One phone of attempt %(code)s.") % {"code": row.attempt.code}


REVOKE = Step(
    name="revoke",
    title=_("Revoke this phone or code"),
    effect=_(
        "The code opens nothing any more, and a phone that films stops within "
        "seconds. What it filmed until now is still taken."
    ),
    final=_("The candidate sees that the phone is lost and may connect one again."),
    done=_("The phone is revoked."),
    act=lambda row, by, at, reason: revoke(row, by=by, at=at),
    fits=lambda row: row.state in OPEN,
    extent=_extent,
    tone="warn",
)
REPRINT = Step(
    name="reprint",
    title=_("Print a new code"),
    effect=_(
        "A new code is made for this candidate, good for two minutes and for one "
        "phone. A code that is being shown now is void."
    ),
    final=_("The candidate still compares four digits before a phone is bound."),
    done=_("The new code is shown below and on the candidate's computer."),
    act=lambda row, by, at, reason: offer_code_for(row.attempt, by=by, at=at),
    fits=lambda row: not is_over(row.attempt, at=clock.now()),
    extent=_extent,
)


@admin.register(Companion)
class CompanionAdmin(StepsMixin, EvidenceAdmin):
    """One pairing; the code that is valid now stands on each page of its attempt."""

    steps = (REPRINT, REVOKE)
    change_form_template = "admin/companion_change_form.html"
    badges = COMPANION
    list_display = [
        *("created_at", "attempt", "session", "shown_state"),
        *("bound_at", "last_seen_at", "device"),
    ]
    list_filter = ["state"]
    fields = [
        "attempt",
        "shown_state",
        ("created_at", "expires_at"),
        ("bound_at", "filming_at", "ended_at"),
        "last_seen_at",
        ("device", "address"),
    ]

    def render_change_form(self, request, context, **kwargs):
        row = kwargs.get("obj")
        if row is not None:
            context["phone_code"] = _code_to_show(row, request)
        return super().render_change_form(request, context, **kwargs)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        state = CompanionState(shown_state(obj, at=clock.now()))
        return state_badge(self.badges, state, state.label)


def _code_to_show(row: Companion, request: HttpRequest) -> dict | None:
    """Return the code of the attempt that a phone may still open, None without one."""
    shown = open_code(row.attempt, at=clock.now())
    if shown is None or shown.state != CompanionState.OFFERED:
        return None
    address = reverse("phone:open", args=[pairing.token_of(shown.code)])
    picture = pairing.qr_svg(request.build_absolute_uri(address))
    digits = pairing.digits_of(shown.code)
    return {
        "digits": f"{digits[:3]} {digits[3:]}",
        "door": request.build_absolute_uri(reverse("phone:door")),
        "expires_at": shown.expires_at,
        "picture": base64.b64encode(picture.encode()).decode(),
    }
