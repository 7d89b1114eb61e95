"""The officials' pages."""

from django.urls import path

from proctoring.views import holds, players, rechecks, review

app_name = "review"
urlpatterns = [
    path("", review.desk, name="desk"),
    path("attempts/<str:code>/", review.attempt, name="attempt"),
    path("attempts/<str:code>/hold/", holds.hold, name="hold"),
    path("incidents/<str:code>/dismiss/", review.dismiss, name="dismiss"),
    path("cases/<str:code>/", review.case, name="case"),
    path("cases/<str:code>/<slug:name>/", review.step, name="step"),
    path("sessions/<str:code>/results/", review.results, name="results"),
    path("rechecks/<str:code>/", rechecks.recheck, name="recheck"),
    path(
        "films/<str:code>/<slug:stream>/<int:version>/<int:number>",
        players.film,
        name="film",
    ),
]
