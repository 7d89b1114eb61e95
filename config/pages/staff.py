"""Sign-in of staff, and the page that leads everybody to their work."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from exams.access import assignments_of, has_role
from exams.enums import Role
from exams.models import Staff


@dataclass(frozen=True)
class Task:
    """A work place: who may open it, where it is, and how it is called."""

    roles: tuple[str, ...]
    route: str
    title: Promise
    text: Promise
    icon: str

    @property
    def url(self) -> str:
        return reverse(self.route)


TASKS = (
    Task(
        (Role.ADMINISTRATOR,),
        "admin:index",
        _("Administration"),
        _("Projects, sessions, rosters, papers and results."),
        "settings",
    ),
    Task(
        (Role.PROCTOR, Role.ADMINISTRATOR),
        "proctor:grid",
        _("Proctoring"),
        _("Watch over the candidates of your rooms."),
        "grid",
    ),
    Task(
        (Role.HELPDESK, Role.ADMINISTRATOR),
        "checkins:queue",
        _("Identity checks"),
        _("Compare photos with the roster and let candidates in."),
        "face",
    ),
    Task(
        (Role.HELPDESK, Role.ADMINISTRATOR, Role.PROCTOR),
        "helpdesk:desk",
        _("Helpdesk"),
        _("Answer candidates who ask for help."),
        "headset",
    ),
    Task(
        (Role.HELPDESK, Role.ADMINISTRATOR, Role.PROCTOR),
        "helpdesk:announcements",
        _("Announcements"),
        _("Tell a whole session or one room, and see who read it."),
        "megaphone",
    ),
    Task(
        (Role.EXAMINER, Role.CHIEF_EXAMINER),
        "examiner:index",
        _("Scoring"),
        _("Score recordings by sequence number."),
        "pen",
    ),
    Task(
        (Role.OFFICIAL,),
        "review:desk",
        _("Review"),
        _("Look at incidents, open and confirm cases, rule by two people."),
        "scale",
    ),
)


def tasks_of(staff: Staff) -> list[Task]:
    """Return the work places that this person may open, in the order of the flow."""
    return [task for task in TASKS if has_role(staff, *task.roles)]


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    roles = assignments_of(request.user, *Role.values).values_list("role", flat=True)
    context = {
        "tasks": tasks_of(request.user),
        "roles": [str(Role(role).label) for role in sorted({*roles})],
    }
    return render(request, "staff/home.html", context)
