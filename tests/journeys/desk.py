"""An administrator at the pages of the admin: opens, looks, types, sends.

Every page that is looked at is read by axe-core, once, in the language in which it is
met first; and photographed each time if `SHOTS` says where: wide, narrow, and dark.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import APIResponse, Browser, Page

from tests.js_browser.looking import RUN, TAGS

SHOTS = os.environ.get("SHOTS", "")
WIDE, NARROW = {"width": 1366, "height": 820}, {"width": 320, "height": 700}
# Rows repeat: a dozen tell as much as a hundred, in a tenth of the time. The navigation
# is on every page, and read on the dashboard.
REPEATED = (
    *("tbody tr:nth-child(n + 13)", ".k-sheet:nth-of-type(n + 4)"),
    "body:not(.dashboard) #nav-sidebar",
)
RUN_ON = RUN.replace(
    "axe.run(document,", f"axe.run({{ exclude: {json.dumps(REPEATED)} }},"
)
LOCALES = {"en": "en", "zh-hans": "zh-CN"}


class Desk:
    """One browser of the administrator, in one language."""

    def __init__(
        self, browser: Browser, base: str, *, language: str, read: set[str]
    ) -> None:
        context = browser.new_context(
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            viewport=WIDE,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(20_000)
        self.page: Page = context.new_page()
        self.base, self.language = base, language
        self.read, self.pictures = read, 0

    def sign_in(self, username: str, password: str) -> None:
        self.open("/admin/")
        self.look("sign-in")
        self.put(username=username, password=password)
        self.send("form:has([name=password]) [type=submit]")

    def open(self, path: str) -> None:
        reply = self.page.goto(self.base + path)
        assert reply.ok, f"{path}: {reply.status}"
        spoken = self.page.locator("html").get_attribute("lang")
        assert spoken.lower() == self.language, f"{path}: {spoken}"

    def look(self, name: str) -> None:
        """Read the page as axe-core does; nothing may be found."""
        page = self.page
        if SHOTS:
            self._shoot(name)
        if name in self.read:
            return
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found = page.evaluate(RUN_ON, TAGS)
        assert found == [], f"{name} in {self.language}: {found}"
        self.read.add(name)

    def _shoot(self, name: str) -> None:
        folder = Path(SHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        self.pictures += 1
        where = f"{self.pictures:02d}-{name}.{self.language}"
        for suffix, size, scheme in (
            ("", WIDE, "light"),
            (".dark", WIDE, "dark"),
            (".320", NARROW, "light"),
        ):
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=scheme)
            path = str(folder / f"{where}{suffix}.png")
            self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light")

    def put(self, **values: object) -> None:
        """Fill fields by their names: texts, choices, ticks, files."""
        for name, value in values.items():
            field = self.page.locator(f'#content [name="{name}"]:not([type=hidden])')
            if isinstance(value, bool):
                field.set_checked(value)
            elif isinstance(value, Path):
                field.set_input_files(value)
            elif field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(str(value))

    def add_line(self, formset: str, **values: object) -> None:
        """Add one more line of an inline table, and fill it."""
        number = self.page.locator(f"#id_{formset}-TOTAL_FORMS").input_value()
        self.page.locator(f"#{formset}-group .add-row a").click()
        self.put(**{f"{formset}-{number}-{name}": v for name, v in values.items()})

    def send(self, button: str) -> None:
        """Press what leads to the next page, and wait for it."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()

    def save(self) -> int:
        """Save and stay; return the key of the row."""
        self.send("[name=_continue]")
        errors = self.page.locator(".errornote, .errorlist")
        assert errors.count() == 0, errors.all_inner_texts()
        return int(re.search(r"/(\d+)/change/", self.page.url)[1])

    def save_refused(self, *fields: str) -> None:
        """Save; the page comes back with an error beside each of the fields."""
        self.send("[name=_continue]")
        assert self.page.locator(".errornote").count() == 1
        for name in fields:
            errors = self.page.locator(f"#id_{name}_error")
            assert errors.is_visible(), f"{name}: {self.errors()}"

    def step(self, path: str, *, look: str = "", **values: object) -> None:
        """Do a step on its confirm page: a reason, and whatever else it asks."""
        self.open(path)
        self.put(reason=f"演练：{path}", **values)
        if look:
            self.look(look)
        self.send(".k-confirm [type=submit]")
        assert not self.errors(), self.errors()

    def step_refused(self, path: str, *, look: str, **values: object) -> None:
        self.open(path)
        self.put(reason="演练", **values)
        self.send(".k-confirm [type=submit]")
        assert self.errors(), "it was not refused"
        self.look(look)

    def errors(self) -> list[str]:
        return self.page.locator(".errornote, .errorlist").all_inner_texts()

    def told(self) -> str:
        """Return what the page says of the last act."""
        return " ".join(self.page.locator(".messagelist").all_inner_texts())

    def says(self, *words: str) -> None:
        """Check that each of the texts can be read on the page."""
        shown = re.sub(r"\s+", " ", self.page.locator("#content").inner_text())
        for text in words:
            assert text in shown, f"{text!r} is not in {shown!r}"

    @contextmanager
    def download(self) -> Iterator[list[bytes]]:
        """Catch the file that is handed out meanwhile."""
        caught: list[bytes] = []
        with self.page.expect_download() as waiting:
            yield caught
        caught.append(waiting.value.path().read_bytes())

    def export(self, kind: str) -> bytes:
        with self.download() as caught:
            self.page.locator(f".k-export button[value={kind}]").first.click()
        return caught[0]

    def fetch(self, path: str) -> APIResponse:
        reply = self.page.context.request.get(self.base + path)
        assert reply.ok, f"{path}: {reply.status}"
        return reply
