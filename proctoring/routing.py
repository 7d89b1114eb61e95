"""The sockets of the proctors' floor."""

from channels.sessions import CookieMiddleware
from django.urls import path

from proctoring.consumers import GridConsumer

websocket_urlpatterns = [
    path("ws/grid/", CookieMiddleware(GridConsumer.as_asgi())),
]
