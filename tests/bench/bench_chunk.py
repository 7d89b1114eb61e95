"""CPU per verified, durable, registered 256 KiB chunk, beside a peer and the limit.

The edge, an ordinary API view with the same promise, and the bare limit take turns
in one run, three rounds each, so that a noisy minute hits all of them; medians count.
"""

import asyncio
import gc
import importlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from types import ModuleType

from tests.bench.load import Stream, Timing, pace, saturate
from tests.bench.stage import DATA, LOAD_CORE, Server, Stage

SIZE = 256 * 1024
STREAMS = 16
ROUNDS = 3
WARM = 4
RATE, RATE_SECONDS = 300, 6
PEER_SETTINGS = "tests.bench.peers.drf_settings"


@dataclass(frozen=True)
class Contender:
    label: str
    application: str
    chunks: int
    environment: dict[str, str]


CONTENDERS = (
    Contender("edge", "config.asgi:application", 1920, {}),
    Contender("limit", "tests.bench.peers.limit_app:application", 1920, {}),
    Contender(
        "DRF view",
        "tests.bench.peers.drf_view:application",
        480,
        {"DJANGO_SETTINGS_MODULE": PEER_SETTINGS},
    ),
)


def measure() -> list[dict]:
    """Return the figures; prints each round as it is measured."""
    with Stage() as stage:
        os.sched_setaffinity(0, {LOAD_CORE})
        return _measure(stage)


def _measure(stage: Stage) -> list[dict]:
    cast = _prepare()
    cost: dict[str, list[float]] = {one.label: [] for one in CONTENDERS}
    for number in range(ROUNDS):
        for one in CONTENDERS:
            cost[one.label].append(_round(stage, one, cast, number))
    tails: dict[str, list[float]] = {"edge": [], "limit": []}
    for _ in range(ROUNDS):
        for one in CONTENDERS[:2]:
            tails[one.label].append(_tail(stage, one, cast))
    edge, limit, view = (median(cost[one.label]) for one in CONTENDERS)
    tail, tail_limit = median(tails["edge"]), median(tails["limit"])
    return [
        _figure(
            "chunk.cpu",
            edge,
            "ms",
            f"DRF view {view:.2f} ms",
            "<= 1/4 of peer",
            edge * 4 <= view,
        ),
        _figure(
            "chunk.cpu_over_limit",
            edge / limit,
            "x",
            f"limit {limit:.2f} ms",
            "<= 1.6",
            edge <= 1.6 * limit,
        ),
        _figure(
            "chunk.p99_at_300_per_s",
            tail,
            "ms",
            f"limit {tail_limit:.1f} ms",
            "beside the limit, not judged",
            None,
        ),
    ]


def _prepare() -> Callable[[int], list[Stream]]:
    """Return what makes fresh streams for each round."""
    cast = importlib.import_module("tests.bench.cast")
    bodies = cast.make_bodies(SIZE)
    return partial(_streams, cast, bodies)


def _streams(cast: ModuleType, bodies: list[bytes], chunks: int) -> list[Stream]:
    return cast.make_streams(STREAMS, chunks=chunks, bodies=bodies)


def _round(stage: Stage, one: Contender, cast: Callable, number: int) -> float:
    """Return milliseconds of CPU per chunk at saturation."""
    warm, streams = _warm_and_rest(cast(one.chunks + STREAMS * WARM))
    with stage.server(one.application, **one.environment) as server:
        asyncio.run(saturate(server.port, warm))
        used, timing = _account(server, lambda: saturate(server.port, streams))
    _sweep()
    served, stored = (seconds * 1000 / one.chunks for seconds in used)
    print(
        f"{one.label:9} round {number + 1}: {served + stored:.3f} ms"
        f" (server {served:.3f}, database {stored:.3f}),"
        f" {one.chunks / timing.seconds:.0f}/s, p99 {timing.p99_ms:.1f} ms"
    )
    return served + stored


def _warm_and_rest(streams: list[Stream]) -> tuple[list[Stream], list[Stream]]:
    """Split off each stream's beginning: a running exam is measured, not its start."""
    return (
        [Stream(one.requests[:WARM]) for one in streams],
        [Stream(one.requests[WARM:]) for one in streams],
    )


def _tail(stage: Stage, one: Contender, cast: Callable) -> float:
    warm, streams = _warm_and_rest(cast(RATE * RATE_SECONDS + STREAMS * WARM))
    with stage.server(one.application, **one.environment) as server:
        asyncio.run(saturate(server.port, warm))
        _, timing = _account(server, lambda: pace(server.port, streams, rate=RATE))
    _sweep()
    print(
        f"{one.label:9} {RATE}/s: p50 {timing.p50_ms:.1f} ms, p99 {timing.p99_ms:.1f} ms"
    )
    return timing.p99_ms


def _account(server: Server, play: Callable) -> tuple[tuple[float, float], Timing]:
    gc.collect()
    gc.disable()
    before = server.cpu()
    timing = asyncio.run(play())
    after = server.cpu()
    gc.enable()
    if timing.wrong:
        message = f"{timing.wrong} chunks were not answered 201"
        raise RuntimeError(message)
    return (after[0] - before[0], after[1] - before[1]), timing


def _sweep() -> None:
    for name in ("recordings", "limit"):
        shutil.rmtree(DATA / name, ignore_errors=True)


def _figure(
    name: str, value: float, unit: str, peer: str, goal: str, holds: bool | None
) -> dict:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "peer": peer,
        "goal": goal,
        "holds": holds,
    }
