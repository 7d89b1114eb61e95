"""The asker's conversation; pages below embed it by `links.help`."""

from django.urls import path

from helpdesk.views import conversation

app_name = "help"
urlpatterns = [
    path("", conversation.panel, name="panel"),
    path("p/<slug:slug>/", conversation.MineView.as_view(), name="mine"),
    path(
        "requests/<slug:code>/messages/",
        conversation.MessagesView.as_view(),
        name="messages",
    ),
    path("requests/<slug:code>/read/", conversation.ReadView.as_view(), name="read"),
]
