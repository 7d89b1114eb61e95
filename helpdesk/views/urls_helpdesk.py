"""The staff's desk: queue, conversations, announcements."""

from django.urls import path

from helpdesk.views import announcements, desk

app_name = "helpdesk"
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("announcements/", announcements.announcements, name="announcements"),
    path("attempts/<slug:code>/", desk.AttemptView.as_view(), name="attempt"),
    path("requests/<slug:code>/", desk.conversation, name="request"),
    path("requests/<slug:code>/steps/", desk.step, name="step"),
    path(
        "requests/<slug:code>/messages/",
        desk.StaffMessagesView.as_view(),
        name="messages",
    ),
    path("requests/<slug:code>/read/", desk.StaffReadView.as_view(), name="read"),
]
