"""The people of one passage, and what each of them does on the pages."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page

from config.pages.demo import id_number, workbook_of
from tests.journeys.browser import Captured, press, staff_browser, view_now, wait_view
from tests.journeys.checks import Ledger
from tests.journeys.portal import Portal
from tests.journeys.proxy import Proxy

CUT_SECONDS = 20
# Seconds: sign-in opens 12 s in (the freeze comes before), the start is at 52 s.
START_IN, LOGIN_BEFORE, ENTRY_BEFORE, DRAW_BEFORE, ANSWER = 54, 42, 32, 12, 45
WINDOWS = {
    "start_in": START_IN,
    "login_before": LOGIN_BEFORE,
    "entry_before": ENTRY_BEFORE,
    "draw_before": DRAW_BEFORE,
    "answer": ANSWER,
}
SLOWEST = 1.6
TICKET, NAME = "202700418001", "林知远"
VAR = Path(__file__).resolve().parents[2] / "var"
README = (VAR.parent / "README.md").read_text("utf-8")
# Where pictures go, if anywhere; those of the README's folder are the README's only.
SHOTS = os.environ.get("SHOTS", "")
IN_README = Path(SHOTS).resolve() == VAR.parent / "docs" / "screens"


class Story:
    """The people of the passage and what they have seen."""

    stages = ("flow", "draw", "attachments")
    # Windows that grow with the time that this machine takes to get ready.
    stretched: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[dict[str, str]] = {}

    def __init__(self, playwright, portal: Portal, proxy: Proxy, facts: dict) -> None:
        self.playwright = playwright
        self.portal = portal
        self.proxy = proxy
        self.facts = facts
        self.base = f"http://127.0.0.1:{proxy.port}"
        self.direct = f"http://127.0.0.1:{portal.port}"
        self.staff = staff_browser(playwright)
        self.captured = Captured()
        self.id_number = id_number(418_001)
        self.attempt = self.number = ""

    @classmethod
    def paced(cls, windows: dict, pace: float) -> dict:
        """Return the windows as a machine so slow needs them."""
        longer = {name: round(windows[name] * pace) for name in cls.stretched}
        return {**windows, **longer}

    def sign_in_staff(self, username: str) -> Page:
        context = self.staff.new_context(
            locale="en",
            viewport={"width": 1366, "height": 820},
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(f"{self.direct}/staff/sign-in/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", self.facts["password"])
        page.locator("form:has(input[name=password]) button[type=submit]").click()
        page.wait_for_url(f"{self.direct}/staff/")
        return page

    def shoot(self, page: Page, name: str) -> None:
        if not SHOTS or (IN_README and f"{name}.png" not in README):
            return
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))

    def roster_rows(self) -> list[tuple]:
        return [(TICKET, NAME, self.id_number, "13800418001", "Archive", "Room 1")]

    def import_roster(self, folder: Path) -> None:
        roster = folder / "roster.xlsx"
        roster.write_bytes(workbook_of(self.roster_rows()))
        self.admin = page = self.sign_in_staff("administrator")
        page.goto(
            f"{self.direct}/admin/candidates/rosterimport/add/"
            f"?session={self.facts['session']}"
        )
        page.set_input_files("input[type=file]", str(roster))
        page.locator(".k-confirm button[type=submit]").click()
        page.wait_for_selector("#roster_rows")
        self.shoot(page, "roster-preview")
        with page.expect_navigation():
            page.locator("[data-action=commit]").click()

    def prepare_people(self) -> None:
        """What else the people of the roster need before the session is frozen."""

    def take_step(self, name: str, *, typed: bool = False) -> None:
        page = self.admin
        session = self.facts["session"]
        page.goto(f"{self.direct}/admin/exams/session/{session}/{name}/")
        page.fill("[name=reason]", f"Journey: {name}")
        if typed:
            page.fill("[name=code]", self.facts["code"])
        self.shoot(page, f"step-{name}")
        with page.expect_navigation():
            page.locator(".k-confirm button[type=submit]").click()
        error = page.locator(".errornote")
        assert error.count() == 0, error.first.inner_text()

    def approve_check_in(self) -> None:
        page = self.sign_in_staff("helpdesk")
        until = time.monotonic() + 30
        while time.monotonic() < until:
            page.goto(f"{self.direct}/checkins/")
            row = page.locator("a[data-check-in]")
            if row.count():
                row.first.click()
                page.wait_for_selector("[data-action=approve]")
                self.shoot(page, "checkin-decide")
                with page.expect_navigation():
                    page.locator("[data-action=approve]").click()
                return
            time.sleep(0.3)
        message = "no check-in appeared in the queue"
        raise AssertionError(message)

    def walk_to_enter(self, page: Page) -> None:
        page.goto(f"{self.base}/p/interview/")
        page.fill("[name=ticket_number]", TICKET)
        page.fill("[name=id_suffix]", self.id_number[-6:])
        self.shoot(page, "entry")
        page.locator("form:has([name=ticket_number]) button[type=submit]").click()
        page.wait_for_url("**/home/")
        self.shoot(page, "home")
        page.locator("a[href^='/exam/']").first.click()
        wait_view(page, "devices")
        self.attempt = urlsplit(page.url).path.strip("/").rpartition("/")[2]
        press(page, "devices", "check-screen")
        for box in page.locator('[data-view="devices"] [data-confirm]').all():
            box.check()
        press(page, "devices", "next")
        wait_view(page, "check_in")
        self.prove_identity(page)
        for view in self.stages:
            wait_view(page, view)
            if view == "companion":
                self.bind_phone(page)
            elif view == "draw":
                press(page, "draw", "draw")
                drawn = page.locator("[data-drawn-number]:visible")
                self.number = drawn.inner_text().strip()
                self.shoot(page, "draw")
            else:
                self.read_documents(page, view)
            press(page, view, "next")
        wait_view(page, "enter")
        self.shoot(page, "enter")

    def prove_identity(self, page: Page) -> None:
        """The human route: three photos, and a person who approves them."""
        page.locator('[data-view="check_in"] [data-action="consent"]').check()
        for _ in range(3):
            press(page, "check_in", "take-photo")
            page.wait_for_timeout(300)
        self.shoot(page, "check-in")
        press(page, "check_in", "send-photos")
        self.approve_check_in()

    def bind_phone(self, page: Page) -> None:
        """Where a session asks for a phone; the plain one does not."""
        raise NotImplementedError

    def read_documents(self, page: Page, view: str) -> None:
        boxes = page.locator(f'[data-view="{view}"] input[data-action="read"]')
        boxes.first.wait_for()
        for box in boxes.all():
            box.check()

    def enter_and_confirm(self, page: Page) -> None:
        press(page, "enter", "enter", timeout=60_000)
        wait_view(page, "device_confirmation")
        self.shoot(page, "device-confirmation")
        press(page, "device_confirmation", "confirm")
        wait_view(page, "information")
        self.shoot(page, "information")
        press(page, "information", "confirm")
        wait_view(page, "paper_check")
        for side in page.locator('[data-view="paper_check"] input[data-side]').all():
            side.check()
        press(page, "paper_check", "confirm")
        wait_view(page, "countdown")
        self.shoot(page, "countdown")

    def see_questions(self, page: Page) -> None:
        wait_view(page, "answer", timeout=60_000)
        page.get_by_text("What would you do first?").first.wait_for(timeout=10_000)
        self.shoot(page, "answer")

    def cut_network(self, page: Page) -> None:
        self.proxy.cut()
        page.wait_for_selector(
            '[data-exam][data-net="off"]', timeout=CUT_SECONDS * 1000
        )
        page.wait_for_timeout(1500)
        assert view_now(page) == "answer"
        assert page.get_by_text("What would you do first?").first.is_visible()
        self.shoot(page, "outage")
        cut_at = self.proxy.log[0]["at"]
        page.wait_for_timeout(max(0, (cut_at + CUT_SECONDS - time.time()) * 1000))
        self.proxy.mend()

    def kill_tab(self, page: Page) -> None:
        """Crash the tab's process; what it held in memory is gone."""
        with contextlib.suppress(Error):
            page.goto("chrome://crash", timeout=3_000)

    def resume(self, page: Page) -> None:
        page.goto(f"{self.base}/p/interview/home/")
        page.locator("a[href^='/exam/']").first.click()
        wait_view(page, "answer")
        page.wait_for_timeout(1_000)
        self.shoot(page, "after-kill")
        page.locator('[data-action="share-screen"]:visible').first.click(timeout=8_000)
        page.wait_for_selector('[data-exam][data-screen="recording"]')
        page.wait_for_timeout(5_000)
        self.shoot(page, "resumed")

    def end_and_upload(self, page: Page) -> None:
        page.locator('[data-action="end"]:visible').first.click()
        self.shoot(page, "end-dialog")
        page.locator('[data-action="end-confirm"]:visible').first.click()
        wait_view(page, "upload", "done")
        self.shoot(page, "upload")
        wait_view(page, "done", timeout=60_000)
        self.shoot(page, "done")

    def wait_for_archive(self, ledger: Ledger, *, manifests: int = 2) -> None:
        until = time.monotonic() + 40
        while time.monotonic() < until:
            if ledger.manifests() == manifests:
                return
            time.sleep(0.3)
        raise AssertionError(self.portal.log())

    def wait_for_the_end(self) -> None:
        ends = self.facts["ends_ms"] / 1000
        time.sleep(max(0.0, ends + 0.5 - time.time()))

    def score(self) -> None:
        page = self.sign_in_staff("examiner")
        until = time.monotonic() + 40
        while time.monotonic() < until:
            page.goto(f"{self.direct}/examiner/sessions/{self.facts['code']}/")
            row = page.locator(f'button[data-number="{self.number}"]')
            if row.count():
                break
            time.sleep(0.5)
        assert row.count() == 1, self.portal.log()
        row.click()
        page.wait_for_selector("[data-mark-form]")
        assert NAME not in page.content()
        assert TICKET not in page.content()
        inputs = page.locator("[data-mark-form] input[inputmode=decimal]")
        inputs.nth(0).fill("31.25")
        inputs.nth(1).fill("52.5")
        page.wait_for_function(
            "() => document.querySelector('video')?.readyState >= 2", timeout=15_000
        )
        self.shoot(page, "examiner")
        page.locator("[data-action=review]").click()
        page.wait_for_selector("[data-action=submit-sheet]")
        page.locator("[data-action=submit-sheet]").click()
        page.wait_for_selector("[data-sheet-locked]")
        self.shoot(page, "examiner-locked")

    def read_result(self, context) -> None:
        page = context.new_page()
        page.goto(f"{self.base}/p/interview/home/")
        page.locator("a[href^='/result/']").first.click()
        assert page.locator("[data-result]").inner_text() == "83.75"
        working = page.locator("main").inner_text()
        assert "31.25" in working
        assert "52.50" in working
        self.shoot(page, "result")


@contextlib.contextmanager
def story_of(
    folder: Path, playwright, *, kind: type[Story] = Story, **more: object
) -> Iterator[Story]:
    """A portal of its own, a proxy before it, a roster, a frozen session."""
    portal = Portal(folder / "data", **kind.settings)
    portal.found()
    portal.start()
    try:
        with Proxy(portal.port) as proxy:
            told = kind.paced({**WINDOWS, **more}, min(portal.pace, SLOWEST))
            facts = portal.prepare("examination", **told)
            story = kind(playwright, portal, proxy, facts)
            story.import_roster(folder)
            story.prepare_people()
            story.take_step("publish")
            story.take_step("freeze", typed=True)
            yield story
    finally:
        portal.stop()
        VAR.mkdir(exist_ok=True)
        shutil.copy(portal.folder / "serve.log", VAR / "journey-serve.log")
