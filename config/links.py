"""Names of pages that lower floors may link to without importing the floor above.

Audience base templates read `links.<name>`; a name whose floor is absent is empty.
"""

from django.http import HttpRequest
from django.urls import reverse

from exams.kernel import clock


def links(request: HttpRequest) -> dict:
    return {
        "links": {
            "staff_home": reverse("staff:home"),
            "own_account": reverse("staff:security"),
            "sign_out": reverse("staff:sign-out"),
            "set_language": reverse("set_language"),
            "help": reverse("help:panel"),
            "helpdesk": reverse("helpdesk:desk"),
            "announcements": reverse("helpdesk:announcements"),
            # A token and a slash follow.
            "one_time": reverse("staff:link", args=["0"]).removesuffix("0/"),
            "api_docs": reverse("reading:docs"),
            "conflicts": reverse("conflicts:own"),
            "roster_import": reverse("admin:roster_upload"),
            "latecomer": reverse("admin:candidates_latecomer_add"),
        },
        "server_ms": clock.milliseconds(clock.now()),
    }
