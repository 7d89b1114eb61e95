"""The candidate's API; `me` is the attempt of the asking browser's lease."""

from django.urls import path

from candidates.api import acts, companion, faces, inbox, state
from candidates.api.seal import SealView

app_name = "api"
urlpatterns = [
    path("attempts/me/state", state.StateView.as_view(), name="state"),
    path("attempts/me/documents", state.DocumentsView.as_view(), name="documents"),
    path(
        "attempts/me/information", state.InformationView.as_view(), name="information"
    ),
    path("attempts/me/check-ins", acts.CheckInsView.as_view(), name="check-ins"),
    path(
        "attempts/me/face-challenges",
        faces.FaceChallengesView.as_view(),
        name="face-challenges",
    ),
    path(
        "attempts/me/face-answers", faces.FaceAnswersView.as_view(), name="face-answers"
    ),
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
    path("attempts/me/companion", companion.CompanionView.as_view(), name="companion"),
    path(
        "attempts/me/companion/match",
        companion.CompanionMatchView.as_view(),
        name="companion-match",
    ),
    path(
        "attempts/me/companion/picture",
        companion.CompanionPictureView.as_view(),
        name="companion-picture",
    ),
    path("attempts/me/inbox", inbox.InboxView.as_view(), name="inbox"),
    path(
        "attempts/me/inbox/<str:code>/read",
        inbox.InboxReadView.as_view(),
        name="inbox-read",
    ),
    path(
        "attempts/me/inbox/<str:code>/acknowledge",
        inbox.InboxAcknowledgeView.as_view(),
        name="inbox-acknowledge",
    ),
    path(
        "attempts/me/thumbnails/<str:stream>",
        inbox.ThumbnailView.as_view(),
        name="thumbnail",
    ),
]
