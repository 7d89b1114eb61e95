"""The sockets of the helpdesk's floor."""

from channels.sessions import CookieMiddleware
from django.urls import path

from helpdesk.consumers import AskerConsumer, DeskConsumer, StaffConsumer

websocket_urlpatterns = [
    path("ws/help/<slug:code>/", CookieMiddleware(AskerConsumer.as_asgi())),
    path("ws/helpdesk/", CookieMiddleware(DeskConsumer.as_asgi())),
    path(
        "ws/helpdesk/requests/<slug:code>/", CookieMiddleware(StaffConsumer.as_asgi())
    ),
]
