"""An exhibit's bytes, in ranges, with headers that tell nothing of the file."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from exams.access import staff_page
from exams.domain import exhibits
from exams.kernel.errors import NotAllowed
from exams.queries.examiner import EXAMINERS, own_exhibit

BLOCK = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
PLAYERS = "players"
# Opened by itself it may do nothing; a player on our page does not ask this.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
MOST_PLAYERS = 200


@dataclass(frozen=True)
class Span:
    """The bytes `[first, last]` of a file, both ends inside it."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def allow_player(request: HttpRequest, code: UUID) -> None:
    """Remember that this sign-in opened a player, which was audited then."""
    opened = [name for name in request.session.get(PLAYERS, []) if name != str(code)]
    request.session[PLAYERS] = [*opened, str(code)][-MOST_PLAYERS:]


@staff_page(*EXAMINERS)
@require_safe
def part(request: HttpRequest, code: UUID, number: int) -> HttpResponseBase:
    """Serve one part to an examiner whose page opened its player."""
    exhibit = own_exhibit(request.user, code)
    if str(code) not in request.session.get(PLAYERS, []):
        raise NotAllowed
    path, mime = exhibits.file_of(exhibit, number)
    tag = exhibits.entity_tag(exhibit, number)
    return ranged(request, path, mime=mime, tag=tag, name=str(code))


def ranged(
    request: HttpRequest, path: Path, *, mime: str, tag: str, name: str
) -> HttpResponseBase:
    """Serve a media file, or the one range of it that was asked for (RFC 9110).

    `tag` is the quoted entity tag, `name` what the file is called without its type.
    """
    size = path.stat().st_size
    span = _span_asked(request, tag, size)
    if span is None:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    else:
        response = _bytes_of(request, path, span)
        if span.size < size:
            response.status_code = 206
            response["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    suffix = mime.partition(";")[0].partition("/")[2]
    response["Content-Type"] = mime
    response["Content-Disposition"] = f'inline; filename="{name}.{suffix}"'
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = POLICY
    return response


def _span_asked(request: HttpRequest, tag: str, size: int) -> Span | None:
    """Return the one range asked for, all of it without one, `None` if outside.

    A header of another form, and a condition on another tag, are ignored as
    RFC 9110 allows: the answer is the whole file.
    """
    whole = Span(0, size - 1)
    asked = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or asked.groups() == ("", ""):
        return whole
    if request.headers.get("If-Range", tag) != tag:
        return whole
    first, last = asked.groups()
    if first == "":
        span = Span(max(0, size - int(last)), size - 1)
    else:
        span = Span(int(first), min(int(last or size), size - 1))
    return span if 0 <= span.first <= span.last else None


def _bytes_of(request: HttpRequest, path: Path, span: Span) -> HttpResponseBase:
    if request.method == "HEAD":
        response = HttpResponse()
    elif isinstance(request, ASGIRequest):
        response = StreamingHttpResponse(_read_async(path, span))
    else:
        response = StreamingHttpResponse(_read(path, span))
    response["Content-Length"] = str(span.size)
    return response


def _read(path: Path, span: Span) -> Iterator[bytes]:
    with path.open("rb") as handle:
        handle.seek(span.first)
        left = span.size
        while left > 0 and (block := handle.read(min(BLOCK, left))):
            left -= len(block)
            yield block


async def _read_async(path: Path, span: Span) -> AsyncIterator[bytes]:
    # Django would read a plain iterator to its end before the first byte goes out.
    blocks = _read(path, span)
    try:
        while block := await asyncio.to_thread(next, blocks, b""):
            yield block
    finally:
        blocks.close()
