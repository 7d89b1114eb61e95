"""Which of several papers a session, or each of its rooms, is asked: drawn by lot.

Owns `PaperDraw`, to which rows are only added. The seed is made here and kept with the
pool in its order, so that anybody can repeat the choice; drawing again leaves the first
draw in sight. All papers of a pool are scored alike (position, maximum, weight), so
that marks of two rooms can be compared.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain.audit import Actor, record
from exams.domain.drawing import SEED_BYTES
from exams.domain.projects import require_unfrozen
from exams.kernel.errors import Refusal
from exams.models import Paper, PaperDraw, Room, Session

LEAST = 2


class PoolTooSmall(Refusal):
    code = "pool_too_small"
    status = 422
    message = _("Choose at least two papers of this project to draw from.")


class PoolUneven(Refusal):
    """Papers that are not scored alike cannot stand for each other."""

    code = "pool_uneven"
    status = 422
    message = _(
        "These papers are not scored alike: their criteria need the same maxima and "
        "weights, in the same order, and each needs questions."
    )


class RoomsMissing(Refusal):
    code = "rooms_missing"
    status = 422
    message = _("This session has no rooms yet. Make them first.")


def choose(seed: bytes, label: str, size: int) -> int:
    """Return an index below `size`; the same for the same seed and label, unbiased.

    SHA-256 over seed, label and a counter; numbers beyond the last whole multiple of
    `size` are passed over.
    """
    limit = 2**256 - 2**256 % size
    for counter in range(1000):
        text = seed + b"\0" + label.encode() + b"\0" + str(counter).encode()
        number = int.from_bytes(hashlib.sha256(text).digest(), "big")
        if number < limit:
            return number % size
    raise AssertionError


def draw_papers(
    session: Session,
    *,
    pool: Sequence[int],
    per_room: bool,
    by: Actor,
    at: datetime,
) -> list[PaperDraw]:
    """Draw one paper for the session, or one for each room, from the pool (keys).

    Before the freeze only. Raises `Frozen`, `PoolTooSmall`, `PoolUneven`,
    `RoomsMissing`; nothing is drawn then.
    """
    with transaction.atomic():
        locked = require_unfrozen(session)
        papers = _pool(locked, pool)
        rooms: list[Room | None] = [None]
        if per_room:
            rooms = list(locked.rooms.order_by("pk"))
            if not rooms:
                raise RoomsMissing
        locked.rooms.update(paper=None)
        seed = secrets.token_bytes(SEED_BYTES)
        drawn = [_draw(locked, room, papers, seed=seed, by=by, at=at) for room in rooms]
        # Whoever has no room is asked what the first one is asked.
        locked.paper = drawn[0].paper
        locked.save(update_fields=["paper"])
    session.refresh_from_db()
    return drawn


def is_honest(draw: PaperDraw) -> bool:
    """Return whether the stored draw is what its seed and pool give."""
    place = choose(bytes.fromhex(draw.seed), _label(draw), len(draw.pool))
    return draw.pool[place] == draw.paper_id


def _pool(session: Session, keys: Sequence[int]) -> list[Paper]:
    papers = list(
        Paper.objects.filter(project=session.project_id, pk__in=keys)
        .defer("bundle", "bundle_key")
        .order_by("pk")
    )
    if len(papers) < LEAST or len(papers) != len(set(keys)):
        raise PoolTooSmall
    shapes = {
        tuple(
            paper.criteria.order_by("position").values_list(
                "position", "max_mark", "weight"
            )
        )
        for paper in papers
    }
    asked = all(paper.questions.exists() for paper in papers)
    if len(shapes) != 1 or shapes == {()} or not asked:
        raise PoolUneven
    return papers


def _draw(
    session: Session,
    room: Room | None,
    papers: list[Paper],
    *,
    seed: bytes,
    by: Actor,
    at: datetime,
) -> PaperDraw:
    row = PaperDraw(
        session=session,
        room=room,
        seed=seed.hex(),
        pool=[paper.pk for paper in papers],
        at=at,
    )
    row.paper = papers[choose(seed, _label(row), len(papers))]
    row.save(force_insert=True)
    if room is not None:
        room.paper = row.paper
        room.save(update_fields=["paper"])
    record(
        "paper.drawn",
        by=by,
        at=at,
        subject=f"session:{session.code}",
        facts={
            "room": room.pk if room else None,
            "seed": row.seed,
            "pool": row.pool,
            "paper": row.paper_id,
        },
        chain=session.code,
    )
    return row


def _label(draw: PaperDraw) -> str:
    return f"{draw.session.code}/{draw.room_id or ''}"
