"""Incidents: administrators see what was noticed; officials look at it and decide."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import state_badge
from exams.admin.base import ReadOnlyAdmin
from exams.admin.paging import CodeSearchMixin
from proctoring.enums import IncidentState
from proctoring.models import Incident

STATES = {
    IncidentState.OPEN: ("warn", "flag"),
    IncidentState.DISMISSED: ("ok", "ok"),
    IncidentState.IN_CASE: ("info", "scale"),
}


@admin.register(Incident)
class IncidentAdmin(CodeSearchMixin, ReadOnlyAdmin):
    project_path = "attempt__session__project"
    list_display = ["from_at", "attempt", "session", "what", "source", "shown_state"]
    list_select_related = ["attempt__session"]
    list_filter = ["state", "source"]
    search_fields = ["attempt__code__startswith"]
    ordering = ["-from_at"]
    fields = [
        "code",
        "attempt",
        ("what", "source"),
        ("from_at", "to_at"),
        "shown_state",
        "note",
        ("decided_at", "decided_by"),
        "reason",
    ]
    readonly_fields = ["what", "shown_state"]

    @admin.display(description=_("session"))
    def session(self, obj):
        return obj.attempt.session

    @admin.display(description=_("what was noticed"))
    def what(self, obj):
        return obj.kind_label

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(STATES, obj.state, obj.get_state_display())
