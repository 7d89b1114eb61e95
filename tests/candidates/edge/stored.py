"""What a request left behind: headers of the answer, bytes, observations, files."""

from candidates.backends.chunk_store import LocalChunkStore
from candidates.models import Observation
from tests.builders.candidates import read_back

GUARDS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def stored_bytes(settings, segment_uuid):
    return read_back(LocalChunkStore(settings.RECORDINGS_ROOT), segment_uuid)


def observed():
    return list(
        Observation.objects.order_by("pk").values_list("stream", "kind", "facts")
    )


def files_under(root):
    return sorted(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()
    )
