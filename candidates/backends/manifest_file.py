"""The manifest file of a recording: its ledger, once it is archived (design §6).

Owns the reading of the chunks' rows in it. The archive writes the file; no models.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from exams.kernel.errors import Refusal

logger = logging.getLogger(__name__)


class ManifestUnreadable(Refusal):
    """The file is gone, or is not the one whose digest the database knows."""

    code = "manifest_unreadable"
    status = 503
    message = _("The archive of this recording cannot be read. Nothing was changed.")


class Piece(NamedTuple):
    """One chunk as the ledger has it, and one row of the file, in this order.

    Digests are 64 hexadecimal digits; `start_ms` counts from the segment's start,
    `received_ms` from the epoch.
    """

    seq: int
    offset: int
    size: int
    digest: str
    head: str
    start_ms: int
    duration_ms: int
    lease_epoch: int
    received_ms: int


Pieces = Mapping[str, tuple[Piece, ...]]


def pieces_of(manifest: dict) -> Pieces:
    """Return `{segment: pieces in order}` of the file's content.

    Raises `KeyError` or `TypeError` when it is no manifest.
    """
    return {
        segment: tuple(Piece(*row) for row in rows)
        for segment, rows in manifest["chunks"].items()
    }


def read_pieces(path: str, *, digest: str) -> Pieces:
    """Read the file below the media folder; raises `ManifestUnreadable`."""
    try:
        text = (Path(settings.RECORDINGS_ROOT) / path).read_bytes()
        if hashlib.sha256(text).hexdigest() == digest:
            return pieces_of(json.loads(text))
    except (OSError, KeyError, TypeError):
        logger.exception("manifest file %s", path)
    else:
        logger.error("manifest file %s is not the one that was archived", path)
    raise ManifestUnreadable


# A file never changes under its digest. Few are asked for: what is archived is whole.
known_pieces = lru_cache(maxsize=4)(read_pieces)
