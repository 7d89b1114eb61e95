"""Cases: administrators see how far each is; what is held and said is officials'."""

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import state_badge
from exams.admin.base import ReadOnlyAdmin
from exams.kernel import clock
from exams.models import Attempt
from proctoring.enums import CaseState
from proctoring.models import Case
from proctoring.queries.waiting import to_sign

STATES = {
    CaseState.OPENED: ("info", "scale"),
    CaseState.CONFIRMED: ("info", "users"),
    CaseState.DECLINED: ("idle", "none"),
    CaseState.NOTICED: ("warn", "wait"),
    CaseState.STATED: ("info", "chat"),
    CaseState.WAIVED: ("info", "chat"),
    CaseState.LAPSED: ("warn", "clock"),
    CaseState.RULED: ("ok", "seal"),
}


class SignatureFilter(admin.SimpleListFilter):
    """The cases that stand still until a second official signs."""

    title = _("waits for")
    parameter_name = "waits"

    def lookups(self, request, model_admin):
        return [("signature", _("A second official's signature"))]

    def queryset(self, request, queryset):
        wanted = self.value() == "signature"
        return to_sign(queryset, at=clock.now()) if wanted else queryset


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    project_path = "attempt__session__project"
    list_display = ["code", "opened_at", "session", "attempt", "article", "shown_state"]
    list_select_related = ["attempt__session", "article"]
    list_filter = [SignatureFilter, "state"]
    search_fields = ["code", "attempt__code"]
    ordering = ["-opened_at"]
    fields = [
        "code",
        "attempt",
        "article",
        "shown_state",
        ("opened_at", "opened_by"),
        ("confirmed_at", "confirmed_by"),
    ]
    readonly_fields = ["shown_state"]

    def get_search_results(self, request, queryset, search_term):
        code = search_term.strip().lower()
        attempts = Attempt.objects.filter(code__startswith=code).values("pk")
        # Keys and no join: each half of the question then has its index.
        wanted = Q(code__startswith=code) | Q(attempt__in=attempts)
        return queryset.filter(wanted), False

    @admin.display(description=_("session"))
    def session(self, obj):
        return obj.attempt.session

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(STATES, obj.state, obj.get_state_display())
