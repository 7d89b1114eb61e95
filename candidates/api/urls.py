"""The candidate's API; `me` is the attempt of the asking browser's lease."""

from django.urls import path

from candidates.api import acts, companion, faces, inbox, state
from candidates.api.seal import SealView

app_name = "api"
ME = (
    # path below `attempts/me/`, view, name
    ("state", state.StateView, "state"),
    ("documents", state.DocumentsView, "documents"),
    ("information", state.InformationView, "information"),
    ("check-ins", acts.CheckInsView, "check-ins"),
    ("identity-code", acts.IdentityCodeView, "identity-code"),
    ("face-challenges", faces.FaceChallengesView, "face-challenges"),
    ("face-answers", faces.FaceAnswersView, "face-answers"),
    ("stages/<str:stage>", acts.StagesView, "stage"),
    ("draw", acts.DrawView, "draw"),
    ("enter", acts.EnterView, "enter"),
    ("submit", acts.SubmitView, "submit"),
    ("seal", SealView, "seal"),
    ("upload-leave", acts.UploadLeaveView, "upload-leave"),
    ("observations", acts.ObservationsView, "observations"),
    ("companion", companion.CompanionView, "companion"),
    ("companion/match", companion.CompanionMatchView, "companion-match"),
    ("companion/picture", companion.CompanionPictureView, "companion-picture"),
    ("inbox", inbox.InboxView, "inbox"),
    ("inbox/<str:code>/read", inbox.InboxReadView, "inbox-read"),
    ("inbox/<str:code>/acknowledge", inbox.InboxAcknowledgeView, "inbox-acknowledge"),
    ("thumbnails/<str:stream>", inbox.ThumbnailView, "thumbnail"),
)
urlpatterns = [
    path(f"attempts/me/{below}", view.as_view(), name=name) for below, view, name in ME
]
