"""What the JSON of both sides shares: own pages only, one way to read."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from candidates.access import require_own_page
from exams.api.base import FreshView
from exams.kernel.errors import BadInput
from exams.models import Staff
from helpdesk.domain.requests import Author, mark_read, post_message
from helpdesk.enums import Side
from helpdesk.models import Request as HelpRequest
from helpdesk.queries.requests import thread_of

MAX_SEQ = 10**9
SPACES = {
    Side.CANDIDATE: ("help", "/ws/help/"),
    Side.STAFF: ("helpdesk", "/ws/helpdesk/requests/"),
}


class HelpView(FreshView):
    """Who asks is found out by each view; an unsafe request must be our own page's."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        require_own_page(request)


class SignedInStaff(BaseAuthentication):
    """`request.user` is who of the staff signed in, None for anybody else."""

    def authenticate(self, request: Request) -> tuple[Staff, None] | None:
        user = request._request.user
        return (user, None) if user.is_authenticated else None


class StaffView(HelpView):
    authentication_classes = (SignedInStaff,)


def client_id_of(value: object) -> UUID:
    """Return the sender's own id of a message; raises `BadInput`."""
    try:
        return UUID(value)
    except (AttributeError, TypeError, ValueError):
        raise BadInput(reason="client_id") from None


def after_of(request: Request) -> int:
    """Return the seq after which messages are asked for; raises `BadInput`."""
    text = request.query_params.get("after", "0")
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_SEQ):
        raise BadInput(reason="after")
    return int(text)


def say(row: HelpRequest, author: Author, body: dict, *, at: datetime) -> dict:
    """Post what was sent; return `{client_id, seq}`, the same for a repeat."""
    message = post_message(
        row,
        author=author,
        client_id=client_id_of(body.get("client_id")),
        text=body.get("text"),
        at=at,
    )
    return {"client_id": str(message.client_id), "seq": message.seq}


def see(row: HelpRequest, author: Author, body: dict, *, at: datetime) -> dict:
    """Raise the side's mark; return `{upto}`."""
    return {"upto": mark_read(row, side=author.side, upto=body.get("upto"), at=at)}


def thread(row: HelpRequest | None, side: str, *, after: int = 0) -> dict:
    """Return `{request: …}`, null when nothing was asked yet."""
    if row is None:
        return {"request": None}
    links = links_of(row.code, side)
    return {"request": thread_of(row, side=side, after=after) | {"links": links}}


def links_of(code: str, side: str) -> dict[str, str]:
    """Return where one side reads, posts and listens."""
    space, socket = SPACES[side]
    return {
        "messages": reverse(f"{space}:messages", args=[code]),
        "read": reverse(f"{space}:read", args=[code]),
        "socket": f"{socket}{code}/",
    }
