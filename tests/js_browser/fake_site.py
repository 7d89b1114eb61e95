"""A small server for the browser modules: static/ and a chunk endpoint of the protocol.

The endpoint checks what the protocol lets it check and keeps the chunks in memory, in
the order of arrival.
"""

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLANK = b'<!doctype html><meta charset="utf-8"><title>blank</title><video></video>'
CHUNK_PATH = re.compile(
    r"/api/v1/recordings/([0-9a-f-]{36})/segments/([0-9a-f-]{36})/chunks/(\d+)"
)


@dataclass(frozen=True)
class Received:
    recording: str
    segment: str
    seq: int
    body: bytes
    digest: str
    chain: str
    span: tuple[int, int]
    header: dict


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args, site, **kwargs):
        self.site = site
        super().__init__(*args, directory=str(ROOT), **kwargs)

    def log_message(self, *args):
        pass

    def do_GET(self):
        if self.path.startswith("/static/"):
            super().do_GET()
        else:
            self.reply(200, BLANK, "text/html")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.site.receive(self.path, self.headers, body)
        self.reply(status, json.dumps(answer).encode(), "application/json")

    def reply(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(body)


class QuietServer(ThreadingHTTPServer):
    """Remembers its connections, so that going down cuts those that are open."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *args):
        self.connections = set()
        super().__init__(*args)

    def process_request(self, request, client_address):
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A connection that was cut is part of the tests."""

    def cut(self):
        for request in list(self.connections):
            self.shutdown_request(request)


@dataclass
class Site:
    token: str = "let-me-in"
    chunks: list[Received] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def up(self):
        def handler(*args, **kwargs):
            return Handler(*args, site=self, **kwargs)

        self.server = QuietServer(("127.0.0.1", self.port), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def down(self):
        self.server.shutdown()
        self.server.server_close()
        self.server.cut()

    def receive(self, path, headers, body):
        if headers["Authorization"] != f"Bearer {self.token}":
            return 401, self.refuse("bad_token")
        digest = hashlib.sha256(body).digest()
        stated = f"sha-256=:{base64.b64encode(digest).decode()}:"
        if headers["Content-Digest"] != stated:
            return 422, self.refuse("digest_mismatch")
        recording, segment, seq = CHUNK_PATH.fullmatch(path).groups()
        header = headers["Kaowu-Segment"]
        chunk = Received(
            recording=recording,
            segment=segment,
            seq=int(seq),
            body=body,
            digest=digest.hex(),
            chain=headers["Kaowu-Chain"],
            span=tuple(int(part) for part in headers["Kaowu-Span"].split(",")),
            header=json.loads(
                base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))
            ),
        )
        known = any((c.segment, c.seq) == (segment, chunk.seq) for c in self.chunks)
        if not known:
            self.chunks.append(chunk)
        return (200 if known else 201), {"seq": chunk.seq, "digest": chunk.digest}

    def refuse(self, code):
        self.refusals.append(code)
        return {"status": 0, "code": code, "title": code}


def expected_chain(chunks):
    """The heads that the protocol asks for, computed on this side."""
    first = chunks[0]
    name = bytes.fromhex(first.segment.replace("-", ""))
    genesis = b"kaowu/segment/1" + name + first.header["mime"].encode()
    head = hashlib.sha256(genesis).digest()
    heads = []
    for chunk in chunks:
        link = head + chunk.seq.to_bytes(4, "big") + bytes.fromhex(chunk.digest)
        link += chunk.span[0].to_bytes(8, "big") + chunk.span[1].to_bytes(4, "big")
        head = hashlib.sha256(link).digest()
        heads.append(head.hex())
    return heads
