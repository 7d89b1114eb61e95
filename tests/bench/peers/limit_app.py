"""The limit: what no server of verified, durable chunks can leave out.

Receive the body, hash it, append it to the segment's file, one fdatasync per file
for whatever came together; no token, no ledger, no rows.
"""

import asyncio
import hashlib
import os
import threading
from pathlib import Path
from queue import Empty, SimpleQueue

ROOT = Path(os.environ["DATA"]) / "limit"
waiting: SimpleQueue = SimpleQueue()
files: dict[str, int] = {}


def descriptor(name: str) -> int:
    if name not in files:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        files[name] = os.open(ROOT / name, flags, 0o600)
    return files[name]


def write() -> None:
    while True:
        batch = [waiting.get()]
        while len(batch) < 64:
            try:
                batch.append(waiting.get_nowait())
            except Empty:
                break
        written = set()
        for name, pieces, _ in batch:
            file = descriptor(name)
            os.writev(file, pieces)
            written.add(file)
        for file in written:
            os.fdatasync(file)
        futures = [future for _, _, future in batch]
        futures[0].get_loop().call_soon_threadsafe(wake, futures)


def wake(futures: list[asyncio.Future]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


ROOT.mkdir(parents=True, exist_ok=True)
threading.Thread(target=write, daemon=True).start()


async def application(scope: dict, receive, send) -> None:
    digest, pieces, more = hashlib.sha256(), [], True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        piece = message.get("body", b"")
        more = message.get("more_body", False)
        if piece:
            digest.update(piece)
            pieces.append(piece)
    if pieces:
        future = asyncio.get_running_loop().create_future()
        name = scope["path"].split("/")[6]
        waiting.put((name, pieces, future))
        await future
    body = digest.hexdigest().encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})
