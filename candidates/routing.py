"""The sockets of the candidates' floor."""

from channels.sessions import CookieMiddleware
from django.urls import path

from candidates.consumers import AttemptConsumer

websocket_urlpatterns = [
    path("ws/attempt/", CookieMiddleware(AttemptConsumer.as_asgi())),
]
