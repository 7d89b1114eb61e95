"""Tables as files that leave: made whole, audited, and sent in blocks.

The file is whole before its first byte goes out, so that it never ends in the middle.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import IO

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from exams.domain.administration import record_export
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.kernel.errors import BadInput
from exams.kernel.spreadsheets import TYPES, Cell, write_table

BLOCK = 256 * 1024
ROWS_AT_ONCE = 2000


def export(
    request: HttpRequest,
    what: str,
    *,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    filters: Mapping[str, str],
    private: Sequence[str] = (),
) -> HttpResponseBase:
    """Answer with a table as the posted `format` (`csv` or `xlsx`), and audit it.

    Raises `BadInput` and `TooManyRows`; then nothing is sent or audited.
    """
    kind, at = request.POST.get("format", ""), clock.now()
    if kind not in TYPES:
        raise BadInput(reason=_("the format is .xlsx or .csv"))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    try:
        count = write_table(file, kind, columns=columns, rows=rows)
        record_export(
            what,
            kind=kind,
            rows=count,
            filters=dict(filters),
            private=private,
            by=Actor.of_staff(request.user),
            at=at,
        )
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    is_async = isinstance(request, ASGIRequest)
    blocks = _blocks_async(file) if is_async else _blocks(file)
    response = StreamingHttpResponse(blocks, content_type=TYPES[kind])
    stamp = date_format(timezone.localtime(at), "Ymd-His")
    response["Content-Disposition"] = f'attachment; filename="{what}-{stamp}.{kind}"'
    response["Content-Length"] = str(size)
    return response


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


async def _blocks_async(file: IO[bytes]) -> AsyncIterator[bytes]:
    # Django would read a plain iterator to its end before the first byte goes out.
    with file:
        while block := await asyncio.to_thread(file.read, BLOCK):
            yield block
