"""What was proved, recorded and noticed: looked at, never written here."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from candidates.domain.archive import clear_review
from candidates.enums import (
    CheckInState,
    FaceCheckState,
    FaceReason,
    LeaseState,
    RecordingState,
)
from candidates.models import (
    CheckIn,
    DeviceLease,
    FaceCheck,
    InboxItem,
    Observation,
    Recording,
    Segment,
)
from candidates.queries.archive import problem_lines
from candidates.queries.waiting import outstanding, overdue
from exams.admin.badges import state_badge, yes_or_no
from exams.admin.base import ReadOnlyAdmin, ReadOnlyInline
from exams.admin.paging import CodeSearchMixin
from exams.admin.steps import Step, StepsMixin
from exams.kernel import clock

CHECK_IN = {
    CheckInState.WAITING: ("warn", "wait"),
    CheckInState.APPROVED: ("ok", "ok"),
    CheckInState.DECLINED: ("bad", "none"),
    CheckInState.SETTLED: ("idle", "key"),
}
FACE_CHECK = {
    FaceCheckState.OPEN: ("info", "clock"),
    FaceCheckState.EXPIRED: ("idle", "none"),
    FaceCheckState.JUDGING: ("info", "clock"),
    FaceCheckState.PASSED: ("ok", "ok"),
    FaceCheckState.REVIEW: ("warn", "eye"),
    FaceCheckState.FAILED: ("bad", "bad"),
}
LEASE = {
    LeaseState.WAITING: ("warn", "wait"),
    LeaseState.ACTIVE: ("ok", "net"),
    LeaseState.SUPERSEDED: ("idle", "swap"),
    LeaseState.ENDED: ("idle", "exit"),
}
RECORDING = {
    RecordingState.OPEN: ("info", "rec"),
    RecordingState.SEALED: ("ok", "seal"),
    RecordingState.VERIFIED: ("ok", "ok"),
    RecordingState.NEEDS_REVIEW: ("bad", "eye"),
}


ACCEPT = Step(
    name="accept",
    title=_("Accept the recording as it is"),
    effect=_(
        "The recording counts as verified although something is wrong with it. What "
        "can be played of a camera recording goes to the examiners."
    ),
    final=_("The problems stay named in the manifest, and your reason beside them."),
    done=_("The recording is accepted."),
    act=lambda row, by, at, reason: clear_review(row, by=by, at=at, reason=reason),
    fits=lambda row: row.state == RecordingState.NEEDS_REVIEW and not row.erased_at,
    extent=lambda row: (
        _("%(stream)s of attempt %(code)s.")
        % {"stream": row.get_stream_display(), "code": row.attempt.code}
    ),
    cautions=lambda row, at: [*problem_lines(row)],
    tone="warn",
)


class EvidenceAdmin(CodeSearchMixin, ReadOnlyAdmin):
    project_path = "attempt__session__project"
    list_select_related = ["attempt__session"]
    search_fields = ["attempt__code__startswith"]
    badges: dict = {}

    @admin.display(description=_("session"))
    def session(self, obj):
        return obj.attempt.session

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(self.badges, obj.state, obj.get_state_display())


@admin.register(CheckIn)
class CheckInAdmin(EvidenceAdmin):
    badges = CHECK_IN
    list_display = ["created_at", "attempt", "session", "shown_state", "decided_by"]
    list_select_related = ["attempt__session", "decided_by"]
    list_filter = ["state"]
    fields = [
        "attempt",
        "shown_state",
        ("consent_version", "consented_at"),
        "created_at",
        ("decided_at", "decided_by"),
        "reason",
        "erased_at",
    ]


@admin.register(FaceCheck)
class FaceCheckAdmin(EvidenceAdmin):
    """What one comparison came to; what was computed of the face is not shown."""

    badges = FACE_CHECK
    list_display = ["issued_at", "attempt", "session", "shown_state", "decided_at"]
    list_filter = ["state"]
    fields = [
        "attempt",
        "shown_state",
        ("issued_at", "expires_at", "decided_at"),
        "consent_version",
        ("backend", "version"),
        "why",
        ("told_distances", "told_thresholds"),
        "check_in",
    ]
    readonly_fields = ["why", "told_distances", "told_thresholds"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("embedding")

    @admin.display(description=_("reasons"))
    def why(self, obj):
        words = [str(FaceReason(code).label) for code in obj.reasons]
        return format_html_join("", "<p>{}</p>", zip(words)) or "—"

    @admin.display(description=_("distances, in thousandths"))
    def told_distances(self, obj):
        return _facts(obj.distances)

    @admin.display(description=_("thresholds, in thousandths"))
    def told_thresholds(self, obj):
        return _facts(obj.thresholds)


@admin.register(InboxItem)
class InboxItemAdmin(EvidenceAdmin):
    """What the portal told a candidate, word for word, and when it was read."""

    list_display = ["created_at", "attempt", "session", "kind", "title", "read_at"]
    list_filter = ["kind"]
    fields = [
        "attempt",
        "kind",
        "title",
        "body",
        ("created_at", "read_at", "acknowledged_at"),
        "due_at",
    ]


@admin.register(DeviceLease)
class DeviceLeaseAdmin(EvidenceAdmin):
    badges = LEASE
    list_display = ["created_at", "attempt", "session", "epoch", "level", "shown_state"]
    list_filter = ["state", "level"]
    fields = [
        "attempt",
        ("epoch", "level"),
        "shown_state",
        ("device", "address"),
        "created_at",
        "decided_by",
    ]


class UploadFilter(admin.SimpleListFilter):
    """Recordings of ended attempts that have not come completely."""

    title = _("upload")
    parameter_name = "upload"

    def lookups(self, request, model_admin):
        return [("overdue", _("Overdue")), ("outstanding", _("Outstanding"))]

    def queryset(self, request, queryset):
        if self.value() == "overdue":
            return overdue(queryset, at=clock.now())
        return outstanding(queryset) if self.value() == "outstanding" else queryset


class SegmentInline(ReadOnlyInline):
    model = Segment
    fields = ["uuid", "mime", "reason", "lease_epoch", "opened_at", "stated_count"]
    ordering = ["opened_at"]


@admin.register(Recording)
class RecordingAdmin(StepsMixin, EvidenceAdmin):
    """One recording, what is wrong with it, and the way out of a review."""

    steps = (ACCEPT,)
    change_form_template = "admin/steps_change_form.html"
    badges = RECORDING
    inlines = [SegmentInline]
    list_display = ["code", "attempt", "session", "stream", "shown_state", "is_whole"]
    list_filter = [UploadFilter, "state", "stream", "complete"]
    fields = [
        ("code", "stream"),
        "attempt",
        "shown_state",
        ("sealed_at", "is_whole"),
        "erased_at",
        "problems",
    ]
    readonly_fields = ["problems"]

    @admin.display(description=_("complete"), ordering="complete")
    def is_whole(self, obj):
        return yes_or_no(obj.complete)

    @admin.display(description=_("problems"))
    def problems(self, obj):
        lines = format_html_join("\n", "<li>{}</li>", zip(problem_lines(obj)))
        return format_html("<ul>{}</ul>", lines) if lines else _("none")


@admin.register(Observation)
class ObservationAdmin(EvidenceAdmin):
    list_display = ["from_at", "attempt", "session", "stream", "kind", "to_at"]
    list_filter = ["kind"]
    fields = ["attempt", ("stream", "kind"), ("from_at", "to_at"), "told", "erased_at"]
    readonly_fields = ["told"]

    @admin.display(description=_("facts"))
    def told(self, obj):
        return _facts(obj.facts)


def _facts(facts):
    lines = format_html_join("", "<dt>{}</dt><dd>{}</dd>", facts.items())
    return format_html('<dl class="k-facts">{}</dl>', lines) if lines else "—"
