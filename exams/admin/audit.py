"""The audit trail: looked through by act, person, thing, session and day; checked."""

from datetime import datetime, time, timedelta

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from exams.admin.base import ReadOnlyAdmin
from exams.domain.audit import Actor
from exams.domain.audit_checks import MOST_ENTRIES, check_chain
from exams.kernel import clock
from exams.kernel.errors import NotAllowed, NotFound
from exams.models import AuditEntry, Session
from exams.queries.acts import ACTS, act_words
from exams.queries.audit_trail import (
    SYSTEM,
    about,
    chains_of,
    entries_for,
    name_people,
    of_person,
)
from exams.queries.fact_words import fact_lines, fact_text, subject_words
from exams.queries.scope import administered

A_DAY = timedelta(days=1)
MOST_SESSIONS = 200


class FilterForm(forms.Form):
    """What the list is narrowed by; an answer that is no date is said beside it."""

    act = forms.ChoiceField(label=_("Act"), required=False)
    session = forms.ChoiceField(label=_("Session"), required=False)
    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"placeholder": _("account or attempt code")}),
    )
    subject = forms.CharField(
        label=_("Subject"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": _("code or key")}),
    )
    since = forms.DateField(
        label=_("From day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("Until day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args, request: HttpRequest, **kwargs) -> None:
        super().__init__(*args, auto_id="by-%s", **kwargs)
        acts = sorted(((name, str(words)) for name, words in ACTS.items()), key=_second)
        self.fields["act"].choices = [("", _("All acts")), *acts]
        sessions = Session.objects.filter(project__in=administered(request.user))
        recent = sessions.order_by("-starts_at", "-pk")[:MOST_SESSIONS]
        own = [(row.code, row.title) for row in recent]
        if request.user.is_superuser:
            own.insert(0, (SYSTEM, _("Of no session")))
        self.fields["session"].choices = [("", _("All sessions")), *own]


class TypedFilter(admin.SimpleListFilter):
    """A filter whose value is typed in the form above the list."""

    def lookups(self, request, model_admin):
        return [("", "")]

    def queryset(self, request, queryset):
        value = (self.value() or "").strip()
        return self.narrow(queryset, value) if value else queryset


class ByAct(TypedFilter):
    title, parameter_name = _("Act"), "act"

    def narrow(self, entries, value):
        return entries.filter(action=value)


class BySession(TypedFilter):
    title, parameter_name = _("Session"), "session"

    def narrow(self, entries, value):
        return entries.filter(chain=value)


class ByPerson(TypedFilter):
    title, parameter_name = _("Person"), "person"

    def narrow(self, entries, value):
        return of_person(entries, value)


class BySubject(TypedFilter):
    title, parameter_name = _("Subject"), "subject"

    def narrow(self, entries, value):
        return about(entries, value)


class Since(TypedFilter):
    title, parameter_name = _("From day"), "since"

    def narrow(self, entries, value):
        begins = _midnight(value)
        return entries.filter(at__gte=begins) if begins else entries.none()


class Until(TypedFilter):
    title, parameter_name = _("Until day"), "until"

    def narrow(self, entries, value):
        begins = _midnight(value)
        return entries.filter(at__lt=begins + A_DAY) if begins else entries.none()


class PreparedList(ChangeList):
    """A page of rows that know what one query fetches for all of them."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = self.model_admin.prepare(list(self.result_list))


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Append-only; filtered to the chains of one's own sessions."""

    project_path = "chain"
    change_list_template = "admin/audit_list.html"
    private_filters = ("person",)
    list_display = ["when", "words", "who", "what", "told", "place"]
    list_display_links = ["when"]
    list_filter = [ByAct, BySession, ByPerson, BySubject, Since, Until]
    ordering = ["-pk"]
    fields = [
        ("words", "action"),
        ("when", "who"),
        "what",
        "shown_facts",
        ("place", "chain", "seq"),
        "previous",
        "digest",
    ]

    def get_queryset(self, request):
        return entries_for(request.user)

    def get_changelist(self, request, **kwargs):
        return PreparedList

    def prepare(self, rows):
        return name_people(rows)

    def get_object(self, request, object_id, from_field=None):
        entry = super().get_object(request, object_id, from_field)
        return entry and name_people([entry])[0]

    def get_export_columns(self, request):
        kept = ("chain", "seq", "at", "action", "words", "actor_kind", "actor_ref")
        return [*kept, "who", "subject", "told", "place", "previous", "digest"]

    def get_urls(self):
        view = self.admin_site.admin_view(self.checks_view)
        return [path("check/", view, name="audit_check"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        chosen = request.GET.get("session", "")
        form = FilterForm(request.GET or None, request=request)
        form.is_valid()
        checked = chains_of(request.user, codes=[chosen]) if chosen else []
        context = {"by": form, "checked": checked, **(extra_context or {})}
        return super().changelist_view(request, context)

    def checks_view(self, request: HttpRequest) -> HttpResponse:
        """Show when each chain was checked and how it ended; check one on a post."""
        if not self.has_view_permission(request):
            raise NotAllowed
        if request.method == "POST":
            return self._check(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check the audit trail"),
            "opts": self.opts,
            "chains": chains_of(request.user),
        }
        return TemplateResponse(request, "admin/audit_checks.html", context)

    def _check(self, request: HttpRequest) -> HttpResponse:
        code = request.POST.get("chain", "")
        if not code or not chains_of(request.user, codes=[code]):
            raise NotFound
        result = check_chain(
            code, by=Actor.of_staff(request.user), at=clock.now(), most=MOST_ENTRIES
        )
        if result == "sound":
            messages.success(request, _("The chain is sound from end to end."))
        else:
            messages.error(
                request,
                _("The chain is broken: entries were changed, removed or put in."),
            )
        return redirect(reverse("admin:audit_check") + f"#{code}")

    @admin.display(description=_("time"), ordering="pk")
    def when(self, obj):
        local = timezone.localtime(obj.at)
        return format_html("{} {}", f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}")

    @admin.display(description=_("act"))
    def words(self, obj):
        return act_words(obj.action)

    @admin.display(description=_("who"))
    def who(self, obj):
        return obj.who

    @admin.display(description=_("subject"))
    def what(self, obj):
        return subject_words(obj.subject)

    @admin.display(description=_("facts"))
    def told(self, obj):
        return fact_text(obj) or "—"

    @admin.display(description=_("session"))
    def place(self, obj):
        return obj.where or "—"

    @admin.display(description=_("facts"))
    def shown_facts(self, obj):
        lines = format_html_join("", "<dt>{}</dt><dd>{}</dd>", fact_lines(obj))
        return format_html('<dl class="k-facts">{}</dl>', lines) if lines else "—"


def _midnight(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _second(pair: tuple[str, str]) -> str:
    return pair[1]
