"""One process type: the edge before Django, Django, and the sockets.

The edge answers chunk uploads and the sealed paper without Django's request stack;
everything else falls through.
"""

import gc
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["KAOWU_PROCESS"] = "web"
django_application = get_asgi_application()
# Said to the settings only: a child of this process is no web process.
del os.environ["KAOWU_PROCESS"]

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs apps

from candidates import routing as candidates_sockets  # noqa: E402
from candidates.edge.app import edge, is_edge  # noqa: E402
from helpdesk import routing as helpdesk_sockets  # noqa: E402
from proctoring import routing as proctoring_sockets  # noqa: E402


async def http(scope, receive, send) -> None:
    """Route a request by its path: the edge's own, or Django's."""
    if is_edge(scope["path"]):
        await edge(scope, receive, send)
    else:
        await django_application(scope, receive, send)


sockets = [
    *candidates_sockets.websocket_urlpatterns,
    *proctoring_sockets.websocket_urlpatterns,
    *helpdesk_sockets.websocket_urlpatterns,
]
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(sockets)})

# What is loaded stays: the collector need not walk it for every roster that is read.
gc.freeze()
