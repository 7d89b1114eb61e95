"""Browsers of both sides of a conversation, by their cookies."""

from channels.routing import URLRouter
from django.conf import settings

from candidates.access import COOKIE as LEASE
from exams.models import Staff
from helpdesk.models import Request
from helpdesk.routing import websocket_urlpatterns
from tests.builders.proctoring import signed_in as signed_in_browser
from tests.builders.sockets import SocketClient, handshake

SESSION = settings.SESSION_COOKIE_NAME


def socket(path: str, **browser: str) -> SocketClient:
    application = URLRouter(websocket_urlpatterns)
    return SocketClient(application, path, headers=handshake(**browser))


def asking(request: Request, token: str = "mine", **more: str) -> SocketClient:
    """The browser that asked, by the secret of its lease."""
    return socket(f"/ws/help/{request.code}/?after=0", **{LEASE: token}, **more)


def answering(request: Request, staff: Staff | str) -> SocketClient:
    """One of the staff, or the cookie of a sign-in."""
    key = signed_in(staff) if isinstance(staff, Staff) else staff
    path = f"/ws/helpdesk/requests/{request.code}/?after=0"
    return socket(path, **{SESSION: key})


def signed_in(staff: Staff) -> str:
    """Return the cookie of a sign-in."""
    return signed_in_browser(staff).cookies[SESSION].value


async def next_kind(one: SocketClient, kind: str) -> dict:
    """Return the next frame of this kind; of "events" one that tells any."""
    while True:
        frame = await one.frame()
        if frame["kind"] == kind and (kind != "events" or frame["events"]):
            return frame
