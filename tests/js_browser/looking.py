"""Pages kept from Django's test client, opened in a real browser and looked at.

What a page brings along besides static files is not there: no picture, no API, unless
it was kept too. Its own headers stay, so that the policy of the page holds.
"""

import mimetypes
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.staticfiles import finders
from playwright.sync_api import sync_playwright

from tests.journeys.browser import staff_browser

WIDE, NARROW = 1280, 320
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Of all rules these look at colours: asked again where only the colours are new.
COLOURS = ["color-contrast", "link-in-text-block"]
RUN = """async (only) => {
  const { violations } = await axe.run(document,
    { runOnly: only, resultTypes: ["violations"], preload: false });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${id} at ${target.join(" ")}: ${failureSummary.split("\\n").at(1)?.trim()}`));
}"""
# Who sticks out of the window, unless it scrolls inside a container of its own.
WIDER = """() => {
  const clips = (e) => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) || clips(e.parentElement));
  const out = [...document.body.querySelectorAll("*")].filter((e) =>
    e.checkVisibility({ visibilityProperty: true }) && !clips(e.parentElement)
    && e.getBoundingClientRect().width > 1 && e.getBoundingClientRect().right > innerWidth + 0.5);
  if (document.documentElement.scrollWidth > innerWidth) out.push(document.documentElement);
  return out.map((e) =>
    `wider than the window: ${e.tagName} ${e.id} ${e.className.baseVal ?? e.className} ${Math.round(e.getBoundingClientRect().right)}`);
}"""
SETTLED = """() => Promise.all(document.getAnimations().map((one) => one.finished))"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kept: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = urlsplit(self.path).path
        found = self.kept.get(self.path) or self.kept.get(path)
        self.reply(*(found or self.static(path)))

    def static(self, path):
        served = path.startswith("/static/")
        file = finders.find(path.removeprefix("/static/")) if served else None
        if not file:
            return 503, {}, b""
        kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
        headers = {"Content-Type": kind, "Cache-Control": "max-age=600"}
        return 200, headers, Path(file).read_bytes()

    def reply(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name != "Content-Length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Looker:
    """One browser and one page of it; in a thread of its own, away from the database."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = ThreadPoolExecutor(1)
        self.do(self._start)

    def close(self) -> None:
        self.do(self._stop)
        self.thread.shutdown()
        self.server.shutdown()
        self.server.server_close()

    def soon(self, act: Callable, *args: object) -> Future:
        return self.thread.submit(act, *args)

    def do(self, act: Callable, *args: object):
        return self.soon(act, *args).result()

    def keep(self, response) -> str:
        """Keep an answer of the test client; return an address that is its alone."""
        path = response.wsgi_request.path
        kept = (response.status_code, dict(response.headers), response.content)
        address = f"{path}?kept={len(Handler.kept)}"
        Handler.kept[path] = Handler.kept[address] = kept
        return address

    def keep_html(self, html: str) -> str:
        headers = {"Content-Type": "text/html; charset=utf-8"}
        Handler.kept["/planted/"] = (200, headers, html.encode())
        return "/planted/"

    def faults(self, path: str) -> list[str]:
        """Return what is wrong with a page, light and dark, wide and narrow."""
        return self.faults_soon(path).result()

    def faults_soon(self, path: str) -> Future:
        return self.soon(self._faults, path)

    def faults_in(self, path: str, views: Iterable[str]) -> list[str]:
        """Return what is wrong with the views of the exam page."""
        return self.do(self._faults_in, path, views)

    def wider(self, path: str) -> list[str]:
        """Return what a telephone would have to be scrolled sideways for."""
        return self.do(self._wider, path)

    def _start(self) -> None:
        self.playwright = sync_playwright().start()
        self.browser = staff_browser(self.playwright)
        self.page = self.browser.new_page(reduced_motion="reduce")
        self.page.add_init_script(AXE_SCRIPT)

    def _stop(self) -> None:
        self.browser.close()
        self.playwright.stop()

    def _open(self, path: str, *, width: int = WIDE) -> None:
        self.page.emulate_media(color_scheme="light")
        self._resize(width)
        self.page.goto(self.origin + path)

    def _resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 800})

    def _wider(self, path: str) -> list[str]:
        self._open(path, width=NARROW)
        return self.page.evaluate(WIDER)

    def _faults(self, path: str) -> list[str]:
        self._open(path)
        return [line for lines in self._looks() for line in lines]

    def _faults_in(self, path: str, views: Iterable[str]) -> list[str]:
        self._open(path)
        self.page.wait_for_selector("[data-ready]")
        found = []
        for view in views:
            self.page.evaluate("(view) => { location.hash = view; }", view)
            self.page.wait_for_selector(f'[data-view-now="{view}"]')
            found += [f"{view}: {line}" for lines in self._looks() for line in lines]
        return found

    def _looks(self) -> Iterator[list[str]]:
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            for width in (WIDE, NARROW) if scheme == "light" else (WIDE,):
                self._resize(width)
                self.page.evaluate(SETTLED)
                only = COLOURS if scheme == "dark" else TAGS
                lines = self.page.evaluate(RUN, only)
                yield [f"{scheme} {width}: {line}" for line in lines]
                if width == NARROW and scheme == "light":
                    yield self.page.evaluate(WIDER)
