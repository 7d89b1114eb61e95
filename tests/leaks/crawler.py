"""Follows everything a signed-in browser could reach, and keeps what came back."""

import re
from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client

ADDRESSES = {"href", "src", "action", "formaction", "data", "poster"}
MARK = "20.25"


@dataclass(frozen=True)
class Visit:
    """One request of the crawl; `body` is what a form sends."""

    method: str
    url: str
    body: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Page(HTMLParser):
    """The addresses and the forms of one page."""

    links: list[str] = field(default_factory=list)
    forms: list[dict] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        for name, value in values.items():
            is_address = name in ADDRESSES or (value or "").startswith("/")
            if value and is_address and tag != "form":
                self.links.append(value)
        if tag == "form":
            self.forms.append(
                {
                    "url": values.get("action") or "",
                    "method": (values.get("method") or "get").upper(),
                    "fields": [],
                    "buttons": [],
                }
            )
        elif (
            self.forms and tag in ("input", "textarea", "select") and values.get("name")
        ):
            self.forms[-1]["fields"].append((values["name"], values.get("value") or ""))
        elif self.forms and tag == "button":
            self.forms[-1]["buttons"].append(
                (values.get("name") or "", values.get("value") or "")
            )


@dataclass
class Crawl:
    """Everything that came back, by request; `leaving` is visited last."""

    client: Client
    leaving: tuple[str, ...]
    replies: dict[Visit, bytes] = field(default_factory=dict)
    statuses: dict[Visit, int] = field(default_factory=dict)
    last: list[Visit] = field(default_factory=list)

    def run(self, start: str) -> "Crawl":
        queue = deque([Visit("GET", start)])
        while queue:
            queue.extend(self.visit(queue.popleft()))
        for visit in self.last:
            self.visit(visit)
        return self

    def visit(self, visit: Visit) -> list[Visit]:
        """Make one request and return what it leads to."""
        if visit in self.replies:
            return []
        response = self.client.generic(
            visit.method,
            visit.url,
            data="&".join(f"{name}={value}" for name, value in visit.body),
            content_type="application/x-www-form-urlencoded",
            headers=dict(visit.headers),
        )
        body = b"".join(response) if response.streaming else response.content
        self.statuses[visit] = response.status_code
        self.replies[visit] = b"\n".join(
            [
                visit.url.encode(),
                response.reason_phrase.encode(),
                *(f"{name}: {value}".encode() for name, value in response.items()),
                response.cookies.output().encode(),
                body,
            ]
        )
        found = self._neighbours(visit)
        if response.headers.get("Location"):
            found += self._get(visit.url, response["Location"])
        if response.headers.get("Content-Type", "").startswith("text/html"):
            found += self._read(visit, body.decode())
        return found

    def _read(self, visit: Visit, text: str) -> list[Visit]:
        page = Page()
        page.feed(text)
        found = [one for link in page.links for one in self._get(visit.url, link)]
        for form in page.forms:
            url = urljoin(visit.url, form["url"])
            found += self._get(visit.url, url)
            for button in form["buttons"] or [("", "")]:
                body = tuple(
                    (name, MARK if name.startswith("mark-") else value)
                    for name, value in (*form["fields"], button)
                    if name and name != "csrfmiddlewaretoken"
                )
                submission = Visit(form["method"], url, body)
                if url in self.leaving:
                    self.last.append(submission)
                else:
                    found.append(submission)
        return found

    def _get(self, base: str, link: str) -> list[Visit]:
        parts = urlsplit(urljoin(base, link))
        if parts.netloc or parts.scheme or parts.path in self.leaving:
            return []
        query = f"?{parts.query}" if parts.query else ""
        return [Visit("GET", parts.path + query)]

    def _neighbours(self, visit: Visit) -> list[Visit]:
        """Also ask every page in the ways that no link asks it."""
        if visit.method != "GET" or visit.headers or "/static/" in visit.url:
            return []
        found = [Visit(method, visit.url) for method in ("HEAD", "OPTIONS", "PUT")]
        found.append(Visit("POST", visit.url, (("mark-1", "99"), ("number", "0"))))
        found.append(
            Visit(
                "POST", visit.url, (("mark-1", "x"),), (("Accept", "application/json"),)
            )
        )
        found.append(Visit("GET", visit.url, headers=(("Range", "bytes=5-90"),)))
        found.append(Visit("GET", visit.url, headers=(("Range", "bytes=99999999-"),)))
        if re.search(r"/parts/\d+$", visit.url):
            found.append(Visit("GET", re.sub(r"\d+$", "99", visit.url)))
        return found
