"""One process type: the edge before Django, Django, and the sockets.

The edge answers chunk uploads and the sealed paper without Django's request stack;
everything else falls through.
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs apps

from candidates.edge.app import edge, is_edge  # noqa: E402
from candidates.routing import websocket_urlpatterns  # noqa: E402


async def http(scope, receive, send) -> None:
    """Route a request by its path: the edge's own, or Django's."""
    if is_edge(scope["path"]):
        await edge(scope, receive, send)
    else:
        await django_application(scope, receive, send)


application = ProtocolTypeRouter(
    {"http": http, "websocket": URLRouter(websocket_urlpatterns)}
)
