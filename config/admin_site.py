"""The administrators' work place: sections in the order of the flow."""

from collections.abc import Callable
from functools import partial, wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from config.pages import find, jobs, person_export, readiness, retention, timeline
from config.pages.dashboard import dashboard
from config.pages.sign_in import AdminSignIn
from exams.kernel import clock

# In the order of the flow: from the project to the audit of all that was done.
SECTIONS = (
    (_("Prepare"), ("Project", "Document", "Article", "Session", "Paper")),
    (
        _("Roster"),
        (
            *("RosterImport", "PhotoBatch", "Candidate", "Latecomer", "Room"),
            *("DeclaredConflict", "TicketBatch", "Readiness"),
        ),
    ),
    (_("Letters"), ("Mailing", "MailTemplate", "MailPermit")),
    (
        _("Exam day"),
        (
            *("CheckIn", "FaceCheck", "DeviceLease", "Companion", "Draw", "Attempt"),
            *("Recording", "Observation", "InboxItem", "Incident", "Case"),
        ),
    ),
    (_("Scoring"), ("Sheet", "Result")),
    (
        _("Accounts and audit"),
        (
            *("Staff", "SignInLock", "Assignment", "ApiToken"),
            *("AuditEntry", "Retention"),
        ),
    ),
)
# What Django's admin says and its own Chinese catalogue lacks: kept in ours.
FROM_DJANGO = (
    gettext_noop("Model name"),
    # Chinese needs no blank before the name of a thing.
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Select %s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop(
        "The {name} “{obj}” was added successfully. You may edit it again below."
    ),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop(
        "The {name} “{obj}” was changed successfully. You may edit it again below."
    ),
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
        if request.user.has_perm(readiness.MAY):
            held["Readiness"] = _page("Readiness", _("Readiness board"), "readiness")
        if request.user.has_perm(retention.MAY):
            words = _("Deletion of what is due")
            held["Retention"] = _page("Retention", words, "retention")
        listed = {name for _name, models in SECTIONS for name in models}
        # What has no place in the flow yet is listed all the same.
        rest = tuple(name for name in held if name not in listed)
        return [
            section
            for number, (name, models) in enumerate([*SECTIONS, (_("More"), rest)])
            if (section := _section(number, name, models, held))["models"]
        ]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # A password is changed on the portal's own page: audited, within the tries.
        stock = [
            url
            for url in super().get_urls()
            if not (getattr(url, "name", "") or "").startswith("password_change")
        ]
        # In front: the last pattern of the stock list takes every address.
        return [*self._own_urls(), *stock]

    def _own_urls(self) -> list[URLPattern]:
        pages = (
            ("find/", find.found, "find"),
            ("jobs/", jobs.page, "jobs"),
            ("readiness/", readiness.sessions, "readiness"),
            ("readiness/<int:pk>/", readiness.board, "readiness_session"),
            ("readiness/<int:pk>/export/", readiness.download, "readiness_export"),
            ("retention/", retention.projects, "retention"),
            ("retention/<int:pk>/", retention.project, "retention_project"),
            ("retention/<int:pk>/ask/", retention.ask, "retention_ask"),
            ("retention/runs/<str:code>/", retention.run, "retention_run"),
            (
                "retention/runs/<str:code>/progress/",
                retention.progress,
                "retention_progress",
            ),
            (
                "retention/runs/<str:code>/certificate/",
                retention.certificate,
                "retention_certificate",
            ),
            (
                "candidates/candidate/<int:pk>/everything/",
                person_export.page,
                "candidate_everything",
            ),
            (
                "candidates/candidate/<int:pk>/timeline/",
                timeline.page,
                "candidate_timeline",
            ),
        )
        return [
            path(route, self.admin_view(partial(view, site=self)), name=name)
            for route, view, name in pages
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


def _page(key: str, name: object, route: str) -> dict:
    """Return a page of ours as the navigation lists a model."""
    return {
        "name": name,
        "object_name": key,
        "admin_url": reverse(f"admin:{route}"),
        "add_url": None,
        "view_only": True,
        "perms": {},
    }


def _section(number: int, name, models: tuple[str, ...], held: dict) -> dict:
    return {
        "name": name,
        "app_label": f"section-{number}",
        "app_url": "#",
        "has_module_perms": True,
        "models": [held[model] for model in models if model in held],
    }
