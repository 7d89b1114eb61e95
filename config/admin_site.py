"""The administrators' work place: sections in the order of the flow."""

from collections.abc import Callable
from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from config.pages.dashboard import dashboard
from config.pages.sign_in import AdminSignIn
from exams.kernel import clock

SECTIONS = (
    (_("Prepare"), ("Project", "Document", "Session", "Room", "Paper", "Article")),
    (
        _("Roster"),
        (
            *("RosterImport", "PhotoBatch", "Candidate", "DeclaredConflict"),
            "TicketBatch",
        ),
    ),
    (_("Letters"), ("Mailing", "MailTemplate", "MailPermit")),
    (
        _("Exam day"),
        ("CheckIn", "DeviceLease", "Attempt", "Draw", "Recording", "Observation"),
    ),
    (_("Scoring"), ("Sheet", "Result")),
    (_("Accounts and audit"), ("Staff", "Assignment", "ApiToken", "AuditEntry")),
)
# What Django's admin says and its own Chinese catalogue lacks: kept in ours.
FROM_DJANGO = (
    gettext_noop("Model name"),
    gettext_noop("Add link"),
    gettext_noop("Change or view list link"),
    gettext_noop("Error:"),
    gettext_noop(
        "Please enter the correct %(username)s and password for a staff account. Note "
        "that both fields may be case-sensitive."
    ),
    gettext_noop(
        "After you’ve created a user, you’ll be able to edit more user options."
    ),
)
OWN_APPS = {"exams", "candidates", "proctoring", "helpdesk"}


class PortalAdminSite(AdminSite):
    """Our own rows only: the queue's and Django's are no administrator's business."""

    site_header = _("Kaowu")
    site_title = _("Kaowu")
    index_title = _("Today")
    site_url = None
    empty_value_display = "—"

    def register(self, model_or_iterable, admin_class=None, **options) -> None:
        many = isinstance(model_or_iterable, list | tuple)
        models = model_or_iterable if many else [model_or_iterable]
        own = [model for model in models if model._meta.app_label in OWN_APPS]
        if own:
            super().register(own, admin_class, **options)

    def admin_view(self, view, cacheable=False) -> Callable[..., HttpResponse]:
        return super().admin_view(in_staff_zone(view), cacheable)

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """The same sign-in as everybody's, on the admin's page."""
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return AdminSignIn.as_view(extra_context=context)(request)

    def index(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        context = dashboard(request.user, at=clock.now())
        return super().index(request, {**context, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list:
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        held = {model["object_name"]: model for app in apps for model in app["models"]}
        return [
            section
            for number, (name, models) in enumerate(SECTIONS)
            if (section := _section(number, name, models, held))["models"]
        ]


def in_staff_zone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run and render a page in the staff's time zone; storage stays in UTC."""

    @wraps(view)
    def zoned(*args: object, **kwargs: object) -> HttpResponse:
        with timezone.override(ZoneInfo(settings.STAFF_TIME_ZONE)):
            response = view(*args, **kwargs)
            if hasattr(response, "render") and not response.is_rendered:
                # A template response would otherwise be rendered outside, in UTC.
                response = response.render()
            return response

    return zoned


def _section(number: int, name, models: tuple[str, ...], held: dict) -> dict:
    return {
        "name": name,
        "app_label": f"section-{number}",
        "app_url": "#",
        "has_module_perms": True,
        "models": [held[model] for model in models if model in held],
    }
