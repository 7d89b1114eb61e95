"""`/healthz`: the process lives. `/readyz`: each part it needs, by name."""

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_q.status import Stat

CLOCK_LIMIT = timedelta(milliseconds=500)
DISK_FLOOR = 2 * 2**30


class NotReady(Exception):
    """One part is not as it must be; the text says what was found."""


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Return 200, or 503 with every part that is not ready and why."""
    found = {name: _state(part) for name, part in PARTS.items()}
    status = 200 if all(state["ok"] for state in found.values()) else 503
    return JsonResponse(found, status=status)


def _state(part: Callable[[], str]) -> dict:
    try:
        return {"ok": True, "found": part()}
    except (NotReady, OSError, DatabaseError) as problem:
        return {"ok": False, "found": str(problem) or type(problem).__name__}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


def _clock() -> str:
    if connection.vendor == "sqlite":
        return "the database shares this clock"
    before = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    middle = before + (datetime.now(UTC) - before) / 2
    apart = abs(theirs - middle)
    if apart > CLOCK_LIMIT:
        message = f"application and database are {apart.total_seconds():.3f} s apart"
        raise NotReady(message)
    return f"{apart.total_seconds() * 1000:.1f} ms apart"


def _layer() -> str:
    layer = get_channel_layer()
    try:
        async_to_sync(layer.send)("kaowu.probe", {"type": "probe"})
    except Exception as problem:  # any driver's error means: the layer is down
        message = f"channel layer: {problem}"
        raise NotReady(message) from problem
    return type(layer).__name__


def _web() -> str:
    return f"process {os.getpid()}"


def _worker() -> str:
    stats = [stat for stat in Stat.get_all() if stat.workers]
    if not stats:
        message = "no worker process reports"
        raise NotReady(message)
    workers = sum(len(stat.workers) for stat in stats)
    return f"{len(stats)} cluster(s), {workers} worker(s)"


def _storage() -> str:
    settings.RECORDINGS_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.RECORDINGS_ROOT) as probe:
        probe.write(b"probe")
        probe.flush()
        os.fsync(probe.fileno())
    return "written and synced"


def _disk() -> str:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.DATA).free
    if free < DISK_FLOOR:
        message = f"{free / 2**30:.1f} GiB free, {DISK_FLOOR / 2**30:.0f} needed"
        raise NotReady(message)
    return f"{free / 2**30:.0f} GiB free at {timezone.now():%H:%M:%S} UTC"


PARTS: dict[str, Callable[[], str]] = {
    "database": _database,
    "clock": _clock,
    "layer": _layer,
    "web": _web,
    "worker": _worker,
    "storage": _storage,
    "disk": _disk,
}
