"""What is only looked at: attempts, draws, sheets, results, the audit trail."""

from fractions import Fraction

from django.contrib import admin
from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import ATTEMPT, SHEET, badge, state_badge
from exams.admin.base import ReadOnlyAdmin, ReadOnlyInline
from exams.admin.paging import CodeSearchMixin
from exams.admin.room_pages import ATTEMPT_PAGES, PagesMixin
from exams.admin.steps import Step, StepsMixin
from exams.domain.attempts import restore
from exams.domain.holds import lift_hold, set_hold
from exams.domain.rooms import MOVABLE
from exams.enums import AttemptState, SessionKind, VoidKind
from exams.kernel.decimals import half_up
from exams.models import (
    Attempt,
    Draw,
    DrawnNumber,
    Result,
    Sheet,
)
from exams.queries.results import working_lines
from exams.queries.retention import hold_of
from exams.queries.voids import kind_now

RESTORE = Step(
    name="restore",
    title=_("Take the absence back"),
    effect=_("The candidate may sign in and enter again while the windows allow it."),
    final=_("Identity has to be proved again. No time is added."),
    done=_("The absence is taken back."),
    act=lambda row, by, at, reason: restore(row, by=by, at=at, reason=reason),
    fits=lambda row: row.state == AttemptState.ABSENT,
    extent=lambda row: _("Attempt %(code)s.") % {"code": row.code},
    tone="warn",
)
HOLD = Step(
    name="hold",
    title=_("Hold back from deletion"),
    effect=_(
        "Nothing of this attempt is deleted, whatever its time, until it is lifted."
    ),
    final=_("The hold and its reason stay on record; it can be lifted with a reason."),
    done=_("Nothing of this attempt will be deleted."),
    do=lambda row, staff, at, answers: set_hold(
        row, reason=answers["reason"], by=staff, at=at
    ),
    fits=lambda row: hold_of(row) is None,
    extent=lambda row: _("Attempt %(code)s.") % {"code": row.code},
)
LIFT_HOLD = Step(
    name="lift-hold",
    title=_("Lift the hold"),
    effect=_(
        "What is due of this attempt may be deleted again, when two people agree."
    ),
    final=_("Another hold can be set while something is left."),
    done=_("The hold is lifted."),
    do=lambda row, staff, at, answers: lift_hold(
        row, reason=answers["reason"], by=staff, at=at
    ),
    fits=lambda row: hold_of(row) is not None,
    extent=lambda row: _("Attempt %(code)s.") % {"code": row.code},
    cautions=lambda row, at: [words_of_hold(row)],
    tone="warn",
)


def words_of_hold(attempt: Attempt) -> str:
    """Say who holds the attempt back since when and why; "—" when nobody does."""
    hold = hold_of(attempt)
    if hold is None:
        return "—"
    return _("since %(day)s, by %(who)s: “%(why)s”") % {
        "day": date_format(timezone.localtime(hold.set_at), "DATE_FORMAT"),
        "who": hold.set_by,
        "why": hold.reason,
    }


@admin.register(Attempt)
class AttemptAdmin(PagesMixin, StepsMixin, CodeSearchMixin, ReadOnlyAdmin):
    """The anonymous row; no name is found from here."""

    steps = (RESTORE, HOLD, LIFT_HOLD)
    pages = ATTEMPT_PAGES
    project_path = "session__project"
    change_form_template = "admin/steps_change_form.html"
    list_display = ["code", "session", "room", "shown_state", "entered_at"]
    list_select_related = ["session", "room"]
    list_filter = ["state"]
    search_fields = ["code__startswith"]
    fields = [
        "code",
        "session",
        "room",
        "shown_state",
        ("starts_at", "extra_seconds"),
        ("entered_at", "submitted_at"),
        "submitted_by",
        "shown_hold",
    ]
    readonly_fields = [*fields[:4], "entered_at", "submitted_at", *fields[-2:]]

    def page_fits(self, page, row):
        return row.session.kind == SessionKind.FORMAL and row.state in MOVABLE

    @admin.display(description=_("held back from deletion"))
    def shown_hold(self, obj):
        return words_of_hold(obj)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(ATTEMPT, obj.state, obj.get_state_display())


class DrawnNumberInline(ReadOnlyInline):
    model = DrawnNumber
    fields = ["number", "attempt", "origin", "drawn_at"]
    ordering = ["number"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("attempt")


@admin.register(Draw)
class DrawAdmin(ReadOnlyAdmin):
    """The commitment and what was dealt; the seed is in the public transcript."""

    project_path = "session__project"
    inlines = [DrawnNumberInline]
    list_display = ["session", "commitment", "committed_at", "closed_at", "dealt"]
    list_select_related = ["session"]
    fields = ["session", "commitment", "roster_hash", ("committed_at", "closed_at")]

    def get_queryset(self, request):
        draws = super().get_queryset(request).defer("seed", "roster")
        return draws.annotate(dealt_count=Count("numbers"))

    @admin.display(description=_("numbers dealt"))
    def dealt(self, obj):
        return obj.dealt_count


@admin.register(Sheet)
class SheetAdmin(ReadOnlyAdmin):
    """Which sheets are there and how far; the marks stay with their examiners."""

    project_path = "attempt__session__project"
    list_display = ["code", "attempt", "examiner", "shown_state", "submitted_at"]
    list_select_related = ["attempt", "examiner"]
    list_filter = ["state"]
    fields = ["code", "attempt", "examiner", "shown_state", "submitted_at"]

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(SHEET, obj.state, obj.get_state_display())


@admin.register(Result)
class ResultAdmin(CodeSearchMixin, ReadOnlyAdmin):
    project_path = "attempt__session__project"
    list_display = [
        "attempt",
        "session",
        "shown_value",
        "counts",
        "computed_at",
        "released_at",
    ]
    list_select_related = ["attempt__session"]
    search_fields = ["attempt__code__startswith"]
    fields = [
        "attempt",
        ("shown_value", "counts"),
        "shown_working",
        ("computed_at", "released_at"),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(turn_now=kind_now("attempt"))

    @admin.display(description=_("counts"))
    def counts(self, obj):
        is_void = obj.turn_now == VoidKind.VOID
        word = _("Cancelled") if is_void else _("Counts")
        return badge(word, *(("bad", "scale") if is_void else ("ok", "ok")))

    @admin.display(description=_("session"))
    def session(self, obj):
        return obj.attempt.session

    @admin.display(description=_("result"), ordering="value")
    def shown_value(self, obj):
        # As computed, with the decimals of the session's rule: 80.50, not 80.5000.
        return obj.working.get("value") or half_up(
            Fraction(obj.value), obj.attempt.session.decimals
        )

    @admin.display(description=_("working"))
    def shown_working(self, obj):
        lines = format_html_join("", "<li>{}</li>", zip(working_lines(obj.working)))
        return format_html('<ul class="k-working">{}</ul>', lines) if lines else "—"
