"""Sessions and rooms."""

from django.contrib import admin
from django.db.models import OuterRef
from django.forms.widgets import Script
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import SESSION, state_badge
from exams.admin.base import AuditedAdmin, NamedControls, NamedInlineFormSet
from exams.admin.local_times import READING
from exams.admin.panel_pages import PANELS
from exams.admin.room_pages import SESSION_PAGES, PagesMixin
from exams.admin.session_fields import FIELDSETS
from exams.admin.session_form import SessionForm
from exams.admin.session_steps import STEPS
from exams.admin.steps import StepsMixin
from exams.domain.cautions import Caution, cautions_of_schedule, open_cautions
from exams.domain.local_times import stamp, zone_named
from exams.domain.presets import settings_of
from exams.domain.projects import Frozen, require_unfrozen
from exams.enums import (
    IdentityMethod,
    Platform,
    Preset,
    SessionKind,
    SessionState,
    Stage,
)
from exams.kernel import clock
from exams.kernel.errors import NotAllowed
from exams.models import Attempt, Room, Session
from exams.queries.counting import CountOf, count_text, with_people
from exams.queries.meaning import meaning_of

SHOWN = {
    *("stages", "starts_at", "mock_closes_at"),
    *("identity_methods", "allowed_platforms"),
}


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
    change_form_template = "admin/session_change_form.html"
    list_display = ["title", "project", "starts_at", "shown_state", "people", "came"]
    list_select_related = ["project"]
    list_filter = ["state", "kind"]
    search_fields = ["title", "code"]
    ordering = ["-starts_at"]
    readonly_fields = ["shown_code", "shown_state", "shown_frozen", "windows"]
    fieldsets = FIELDSETS

    class Media:
        js = [Script("js/pages/session_form.js", type="module")]

    def get_urls(self):
        view = self.admin_site.admin_view(self.meaning_view)
        return [
            path("meaning/", view, name="exams_session_meaning"),
            *super().get_urls(),
        ]

    def page_fits(self, page, row):
        return row.kind == SessionKind.FORMAL and page.name in ("rooms", "panels")

    def get_changeform_initial_data(self, request):
        asked = super().get_changeform_initial_data(request)
        return {**asked, **settings_of(*preset_asked(request))}

    def render_change_form(self, request, context, **kwargs):
        row = kwargs.get("obj")
        context["presets"] = [] if row else preset_links(request)
        context["cautions"] = open_cautions(row, at=clock.now()) if row else []
        noted = row.acknowledgements.select_related("by").order_by("at") if row else []
        context["noted"] = [(Caution(one.code, one.facts), one) for one in noted]
        return super().render_change_form(request, context, **kwargs)

    def meaning_view(self, request):
        """Say what the form means while it is typed; reads only."""
        if not self.has_view_permission(request):
            raise NotAllowed
        form = self.get_form(request)(request.GET)
        form.is_valid()
        return JsonResponse(meaning_reply(form, form.typed))

    def get_queryset(self, request):
        return with_people(super().get_queryset(request))

    def has_change_permission(self, request, obj=None):
        settled = obj is not None and (
            obj.frozen_at or obj.state == SessionState.DISCARDED
        )
        return not settled and super().has_change_permission(request, obj)

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

    @admin.display(description=_("starts at"))
    def shown_starts_at(self, obj):
        return stamp(obj.starts_at, zone_named(obj.time_zone))

    @admin.display(description=_("mock test may be taken until"))
    def shown_mock_closes_at(self, obj):
        closes = obj.mock_closes_at
        return stamp(closes, zone_named(obj.time_zone)) if closes else "—"

    @admin.display(description=_("ways to be recognised"))
    def shown_identity_methods(self, obj):
        return ", ".join(str(IdentityMethod(one).label) for one in obj.identity_methods)

    @admin.display(description=_("allowed computers"))
    def shown_allowed_platforms(self, obj):
        return ", ".join(str(Platform(one).label) for one in obj.allowed_platforms)

    def get_fieldsets(self, request, obj=None):
        """A frozen session shows its lists and times in words, not as stored."""
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        return [
            (title, {**part, "fields": shown_names(part["fields"])})
            for title, part in found
        ]

    @admin.display(description=_("roster"), ordering="people_count")
    def people(self, obj):
        return count_text(obj.people_count)

    @admin.display(description=_("entered"), ordering="came_count")
    def came(self, obj):
        return count_text(obj.came_count)

    @admin.display(description=_("what this means"))
    def windows(self, obj):
        known = obj.pk is not None and obj.starts_at is not None
        return render_to_string(
            "admin/_meaning.html",
            {"sentences": meaning_of(obj) if known else [], "cautions": []},
        )


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
        rows = Attempt.objects.filter(room=OuterRef("pk"))
        return rooms.annotate(people_count=CountOf(rows, "room"))

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
        return count_text(obj.people_count)


def preset_asked(request):
    """Return `(preset, kind)` of the address, each with its default."""
    preset, kind = request.GET.get("preset", ""), request.GET.get("kind", "")
    return (
        preset if preset in Preset.values else Preset.A,
        kind if kind in SessionKind.values else SessionKind.FORMAL,
    )


def preset_links(request):
    """Return `(words, address, is chosen)` for each preset and kind."""
    chosen = preset_asked(request)
    return [
        (
            f"{kind.label} · {preset.label}",
            f"?preset={preset}&kind={kind}",
            (preset, kind) == chosen,
        )
        for kind in SessionKind
        for preset in Preset
    ]


def meaning_reply(form, draft):
    """Return sentences, contradictions and cautions of what is typed, as JSON."""
    unread = [name for name in form.local_times if name in form.errors]
    return {
        "sentences": meaning_of(draft) if draft else [],
        "problems": [
            *({"fields": [name], "text": form.errors[name][0]} for name in unread),
            *({"fields": one.fields, "text": str(one)} for one in form.clashes),
            *(
                {"fields": ["stages"], "text": text}
                for text in form.errors.get("stages", [])
            ),
        ],
        "cautions": [str(one) for one in cautions_of_schedule(draft)] if draft else [],
    }


def shown_names(fields):
    """Return the fields of a page that is only looked at: words for stored lists."""
    found = []
    for name in fields:
        if isinstance(name, tuple):
            if shown := shown_names(name):
                found.append(tuple(shown))
        elif not name.endswith(READING):
            found.append(f"shown_{name}" if name in SHOWN else name)
    return found
