"""Sessions and rooms."""

from django import forms
from django.contrib import admin
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import SESSION, state_badge
from exams.admin.base import AuditedAdmin, NamedControls, NamedInlineFormSet
from exams.admin.panel_pages import PANELS
from exams.admin.room_pages import SESSION_PAGES, PagesMixin
from exams.admin.session_steps import STEPS
from exams.admin.steps import StepsMixin
from exams.domain.projects import Frozen, require_unfrozen, windows_of
from exams.enums import AttemptState, SessionKind, Stage
from exams.models import Room, Session
from exams.models.project import preset_a


class SessionForm(forms.ModelForm):
    """The stage list as ticks, in the order of the passage."""

    stages = forms.MultipleChoiceField(
        label=_("stages"),
        choices=Stage.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What a candidate passes, from top to bottom."),
    )

    class Meta:
        model = Session
        fields = "__all__"
        help_texts = {
            "starts_at": _("Beijing time. The same second for everybody."),
            "mock_closes_at": _("Beijing time. From then on no mock test is started."),
            "mock_per_day": _("A day is a calendar day in the session's time zone."),
            "mock_lead": _("300 = five minutes to sign in, read, draw and enter."),
            "time_zone": _("The zone that candidates read, e.g. Asia/Shanghai."),
            "login_open_before": _("1800 = half an hour before the start."),
            "entry_open_before": _("600 = ten minutes before the start."),
            "login_close_after_start": _("0 = at the start; 300 = five minutes later."),
            "entry_close_after_start": _("Late comers get no extra time."),
            "draw_close_before": _("Whoever has not drawn then is dealt a number."),
            "preparation": _("Reading time before the answer time, for everybody."),
            "trim": _("How many highest and how many lowest marks are dropped."),
        }

    def clean_stages(self):
        chosen = self.cleaned_data["stages"]
        return [stage.value for stage in Stage if stage in chosen]

    def clean(self):
        """Say each contradiction beside its field, with the bound that holds."""
        cleaned = super().clean()
        self._bound(
            "entry_open_before",
            cleaned.get("login_open_before"),
            _("At most %(bound)s: Enter cannot open before sign-in opens."),
        )
        self._bound(
            "draw_close_before",
            cleaned.get("login_open_before"),
            _("At most %(bound)s: the draw cannot close before sign-in opens."),
        )
        opens, closes = cleaned.get("starts_at"), cleaned.get("mock_closes_at")
        is_mock = cleaned.get("kind") == SessionKind.MOCK
        if is_mock and opens and (closes is None or closes <= opens):
            self.add_error(
                "mock_closes_at", _("A mock test needs an end after its beginning.")
            )
        times = [cleaned.get("preparation"), cleaned.get("answer")]
        self._bound(
            "entry_close_after_start",
            None if None in times else sum(times) - 1,
            _("At most %(bound)s: first entry cannot close after the end."),
        )
        return cleaned

    def _bound(self, name, bound, text):
        value = self.cleaned_data.get(name)
        if value is not None and bound is not None and value > bound:
            self.add_error(name, text % {"bound": bound})


class RoomInline(NamedControls, admin.TabularInline):
    model = Room
    formset = NamedInlineFormSet
    extra = 0
    fields = ["name", "capacity"]

    def has_change_permission(self, request, obj=None):
        return not (obj and obj.frozen_at) and super().has_change_permission(
            request, obj
        )

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission


@admin.register(Session)
class SessionAdmin(PagesMixin, StepsMixin, AuditedAdmin):
    """Times, stages, paper and rooms; a frozen session is only looked at."""

    form = SessionForm
    steps = STEPS
    pages = (*SESSION_PAGES, PANELS)
    inlines = [RoomInline]
    project_path = "project"
    change_form_template = "admin/steps_change_form.html"
    list_display = ["title", "project", "starts_at", "shown_state", "people", "came"]
    list_select_related = ["project"]
    list_filter = ["state", "kind"]
    search_fields = ["title", "code"]
    ordering = ["-starts_at"]
    readonly_fields = ["shown_code", "shown_state", "shown_frozen", "windows"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "project",
                    "title",
                    ("kind", "shown_code"),
                    ("shown_state", "shown_frozen"),
                ]
            },
        ),
        (
            _("Windows"),
            {
                "fields": [
                    "windows",
                    ("starts_at", "time_zone"),
                    ("login_open_before", "login_close_after_start"),
                    ("entry_open_before", "entry_close_after_start"),
                    "draw_close_before",
                    ("preparation", "answer"),
                ]
            },
        ),
        (
            _("Mock test"),
            {
                "description": _(
                    "Only for a session of the kind “Mock”. Every candidate of the "
                    "project may start one between “starts at” and the end given "
                    "here. A mock test has no roster, draw, scores or results."
                ),
                "fields": ["mock_closes_at", ("mock_per_day", "mock_lead")],
            },
        ),
        (
            _("After the end"),
            {
                "fields": [
                    ("evidence_confirm_within", "failure_report_within"),
                    "upload_cap",
                    "keep_until_release",
                ]
            },
        ),
        (_("Passage and paper"), {"fields": ["stages", "paper", "slice_ms"]}),
        (_("Results"), {"fields": [("trim", "decimals")]}),
    ]

    def page_fits(self, page, row):
        return row.kind == SessionKind.FORMAL and page.name in ("rooms", "panels")

    def get_changeform_initial_data(self, request):
        return {"stages": preset_a(), **super().get_changeform_initial_data(request)}

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(
                people_count=Count("attempts"),
                came_count=Count(
                    "attempts", filter=Q(attempts__state__in=AttemptState.PRESENT)
                ),
            )
        )

    def has_change_permission(self, request, obj=None):
        frozen = obj is not None and obj.frozen_at
        return not frozen and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if change:
            require_unfrozen(obj)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("code"), ordering="code")
    def shown_code(self, obj):
        return obj.code if obj.pk else _("not yet")

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(SESSION, obj.state, obj.get_state_display())

    @admin.display(description=_("frozen at"))
    def shown_frozen(self, obj):
        if not obj.frozen_at:
            return _("not yet")
        return date_format(timezone.localtime(obj.frozen_at), "Y-m-d H:i:s")

    @admin.display(description=_("stages"))
    def shown_stages(self, obj):
        return " → ".join(str(Stage(name).label) for name in obj.stages)

    def get_fieldsets(self, request, obj=None):
        """A frozen session shows its stages in words, not as stored."""
        found = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return found
        return [
            (title, {**part, "fields": [shown_name(name) for name in part["fields"]]})
            for title, part in found
        ]

    @admin.display(description=_("roster"), ordering="people_count")
    def people(self, obj):
        return obj.people_count

    @admin.display(description=_("entered"), ordering="came_count")
    def came(self, obj):
        return obj.came_count

    @admin.display(description=_("what this means"))
    def windows(self, obj):
        if obj.pk is None:
            return _("Save once, and the windows are spelled out here.")
        if obj.kind == SessionKind.MOCK:
            return mock_words(obj)
        times = {name: date_format(at, "H:i:s") for name, at in windows_of(obj).items()}
        return _(
            "Candidates may sign in from %(login_opens)s until %(login_closes)s and "
            "enter from %(entry_opens)s; from %(entry_closes)s there is no first "
            "entry. The start is %(starts)s, the end for everybody %(ends)s (%(zone)s)."
        ) % {**times, "zone": obj.time_zone}


@admin.register(Room)
class RoomAdmin(AuditedAdmin):
    """Rooms are edited in their session; this list finds them."""

    project_path = "session__project"
    list_display = ["name", "session", "capacity", "people"]
    list_select_related = ["session"]
    search_fields = ["name", "session__title"]
    fields = ["session", "name", "capacity"]

    def get_queryset(self, request):
        rooms = super().get_queryset(request)
        return rooms.annotate(people_count=Count("attempts"))

    def get_readonly_fields(self, request, obj=None):
        return ["session"] if obj else []

    def has_change_permission(self, request, obj=None):
        frozen = obj is not None and obj.session.frozen_at
        return not frozen and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if obj.session.frozen_at:
            raise Frozen
        super().save_model(request, obj, form, change)

    @admin.display(description=_("roster"), ordering="people_count")
    def people(self, obj):
        return obj.people_count


def mock_words(session):
    """Say the window and the quota of a mock session in one sentence (R2, R3)."""
    closes = session.mock_closes_at
    return _(
        "Candidates may start a mock test from %(opens)s until %(closes)s, at most "
        "%(count)s a day; it begins %(lead)s s after the press."
    ) % {
        "opens": date_format(timezone.localtime(session.starts_at), "Y-m-d H:i:s"),
        "closes": date_format(timezone.localtime(closes), "Y-m-d H:i:s")
        if closes
        else "—",
        "count": session.mock_per_day,
        "lead": session.mock_lead,
    }


def shown_name(name):
    return "shown_stages" if name == "stages" else name
