"""Every URL of the portal: one list per audience, joined here."""

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from config.pages import health, second_step, sign_in, staff

staff_urls = (
    [
        path("", staff.home, name="home"),
        path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
        path("sign-out/", sign_in.sign_out, name="sign-out"),
        path("second-step/", second_step.second_step, name="second-step"),
        path("new-password/", second_step.new_password, name="new-password"),
        path("security/", second_step.security, name="security"),
        path("link/<str:token>/", second_step.link, name="link"),
    ],
    "staff",
)

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("language/", require_POST(set_language), name="set_language"),
    path("staff/", include(staff_urls)),
    path("admin/", admin.site.urls),
    path("api/v1/", include("candidates.api.urls")),
    path("api/v1/", include("candidates.api.urls_reading")),
    path("phone/", include("candidates.views.urls_phone")),
    path("examiner/", include("exams.views.urls_examiner")),
    path("conflicts/", include("candidates.views.urls_conflicts")),
    path("review/", include("proctoring.views.urls_review")),
    path("cases/", include("proctoring.views.urls_cases")),
    path("proctor/", include("proctoring.views.urls")),
    path("integrity/", include("exams.views.urls_integrity")),
    path("help/", include("helpdesk.views.urls_help")),
    path("helpdesk/", include("helpdesk.views.urls_helpdesk")),
    path("", include("candidates.views.urls_helpdesk")),
    path("", include("candidates.views.urls_candidate")),
]
