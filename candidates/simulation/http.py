"""A browser's half of HTTP for one synthetic person: cookies, forms, timings."""

import http.client
import json
import re
import secrets
import time
import urllib.parse
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

TIMEOUT_SECONDS = 30
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Unexpected(Exception):
    """The server's answer is not one that a person could go on from."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """One keep-alive connection with a cookie jar. Not for two threads at once."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    latencies_ms: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urllib.parse.urlsplit(self.base)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._address = (parts.hostname, parts.port or 80)
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str, *, label: str = "get") -> Answer:
        return self.request("GET", path, label=label)

    def post_json(self, path: str, body: dict, *, label: str = "act") -> Answer:
        headers = {"Content-Type": "application/json", "Kaowu-Client": "1"}
        data = json.dumps(body).encode()
        return self.request("POST", path, data=data, headers=headers, label=label)

    def post_form(self, path: str, fields: dict, *, label: str = "form") -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        data = urllib.parse.urlencode(fields).encode()
        return self.request("POST", path, data=data, headers=headers, label=label)

    def post_photos(self, path: str, fields: dict, photos: list[bytes]) -> Answer:
        border = secrets.token_hex(16)
        parts = [
            _part(border, f'name="{name}"', value.encode())
            for name, value in fields.items()
        ] + [
            _part(border, f'name="photos"; filename="{n}.jpg"', photo, "image/jpeg")
            for n, photo in enumerate(photos)
        ]
        data = b"".join(parts) + f"--{border}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={border}",
            "Kaowu-Client": "1",
        }
        return self.request("POST", path, data=data, headers=headers, label="photos")

    def fill_form(self, path: str, fields: dict) -> Answer:
        """Open a page, take its CSRF token along, and send its form."""
        page = self.get(path)
        found = CSRF.search(page.text)
        if not found:
            message = f"{path}: no form (status {page.status})"
            raise Unexpected(message)
        return self.post_form(path, {"csrfmiddlewaretoken": found[1], **fields})

    def request(
        self,
        method: str,
        path: str,
        *,
        data: bytes | None = None,
        headers: dict | None = None,
        label: str = "other",
    ) -> Answer:
        """Send one request; a connection that the server closed is opened again.

        Raises `OSError` when the server cannot be reached.
        """
        sent = {"Origin": self.origin, "Accept-Language": "en", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        began = time.perf_counter()
        answer = self._exchange(method, path, data, sent)
        took = (time.perf_counter() - began) * 1000
        self.latencies_ms.setdefault(label, []).append(took)
        return answer

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _exchange(self, method: str, path: str, data, headers: dict) -> Answer:
        for fresh in (False, True):
            if self._connection is None or fresh:
                self.close()
                self._connection = http.client.HTTPConnection(
                    *self._address, timeout=TIMEOUT_SECONDS
                )
            try:
                self._connection.request(method, path, data, headers)
                reply = self._connection.getresponse()
                body = reply.read()
            except (http.client.HTTPException, OSError):
                self.close()
                if fresh:
                    raise
                continue
            self._keep_cookies(reply.headers.get_all("Set-Cookie") or [])
            return Answer(reply.status, dict(reply.headers), body)
        raise AssertionError  # the loop returns or raises

    def _keep_cookies(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)


def _part(border: str, name: str, data: bytes, kind: str = "text/plain") -> bytes:
    head = (
        f"--{border}\r\nContent-Disposition: form-data; {name}\r\n"
        f"Content-Type: {kind}\r\n\r\n"
    )
    return head.encode() + data + b"\r\n"
