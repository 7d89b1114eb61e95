"""Recordings of the bench's database and the requests that fill them.

Imported when the stage is set and Django is ready, not before.
"""

import hashlib

from django.db import connection

from tests.bench.load import Stream
from tests.builders.asgi import chunk_path, edge_token
from tests.builders.candidates import Take, make_recording

PAYLOADS = 8


def make_bodies(size: int) -> list[bytes]:
    """Return a few bodies of random bytes; streams repeat them."""
    return [
        hashlib.shake_256(number.to_bytes(2, "big")).digest(size)
        for number in range(PAYLOADS)
    ]


def make_streams(number: int, *, chunks: int, bodies: list[bytes]) -> list[Stream]:
    """Return so many streams of fresh recordings that send `chunks` in all."""
    streams = [_make_stream(chunks // number, bodies) for _ in range(number)]
    connection.close()
    return streams


def _make_stream(count: int, bodies: list[bytes]) -> Stream:
    recording = make_recording()
    token = edge_token(recording.attempt.code)
    take = Take().record(*(bodies[turn % len(bodies)] for turn in range(count)))
    requests = []
    for one in take.slices:
        headers = {
            "host": "127.0.0.1",
            "authorization": f"Bearer {token}",
            **one.headers,
        }
        lines = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        path = chunk_path(recording.code, take.uuid, one.seq)
        requests.append((f"PUT {path} HTTP/1.1\r\n{lines}\r\n".encode(), one.body))
    return Stream(requests)
