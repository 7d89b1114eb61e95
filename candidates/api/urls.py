"""The candidate's API; `me` is the attempt of the asking browser's lease."""

from django.urls import path

from candidates.api import acts, state
from candidates.api.seal import SealView

app_name = "api"
urlpatterns = [
    path("attempts/me/state", state.StateView.as_view(), name="state"),
    path("attempts/me/documents", state.DocumentsView.as_view(), name="documents"),
    path(
        "attempts/me/information", state.InformationView.as_view(), name="information"
    ),
    path("attempts/me/check-ins", acts.CheckInsView.as_view(), name="check-ins"),
    path("attempts/me/stages/<str:stage>", acts.StagesView.as_view(), name="stage"),
    path("attempts/me/draw", acts.DrawView.as_view(), name="draw"),
    path("attempts/me/enter", acts.EnterView.as_view(), name="enter"),
    path("attempts/me/submit", acts.SubmitView.as_view(), name="submit"),
    path("attempts/me/seal", SealView.as_view(), name="seal"),
    path(
        "attempts/me/observations",
        acts.ObservationsView.as_view(),
        name="observations",
    ),
]
