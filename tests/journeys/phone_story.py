"""The phone beside the computer: what a candidate does with it."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.journeys.browser import CAPTURE_LOG, Captured, staff_browser
from tests.journeys.story import Story

SILENCE_SECONDS = 15
NOTE_LOSS = """() => {
  const exam = document.querySelector("[data-exam]");
  const seen = new MutationObserver(() => {
    if (exam.dataset.phone === "lost") globalThis.phoneLostAt ??= Date.now();
  });
  seen.observe(exam, { attributeFilter: ["data-phone"] });
}"""
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "locale": "en",
    "reduced_motion": "reduce",
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/140.0 Mobile",
}


class PhoneStory(Story):
    """The same passage with a phone at the side."""

    stages = ("flow", "companion", "draw", "attachments")

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.filmed = Captured()

    @contextlib.contextmanager
    def phones(self, film: Path) -> Iterator[None]:
        """The browser of the phones, whose cameras show the film."""
        self.pocket = staff_browser(self.playwright, film=film)
        try:
            yield
        finally:
            self.pocket.close()

    @contextlib.contextmanager
    def phone(self) -> Iterator[BrowserContext]:
        context = self.pocket.new_context(**PHONE)
        context.expose_function("tellCaptured", self.filmed.add)
        context.add_init_script(CAPTURE_LOG)
        try:
            yield context
        finally:
            with contextlib.suppress(Exception):
                context.close()

    def bind_phone(self, page: Page) -> None:
        panel = '[data-view="companion"]'
        picture = page.locator(f"{panel} [data-qr][data-link]")
        picture.wait_for()
        page.locator(f'{panel} [data-action="magnify"]').click()
        page.locator("[data-qr-large][src]").wait_for()
        self.shoot(page, "companion-magnified")
        page.locator('[data-action="qr-close"]').click()
        self.shoot(page, "companion-code")
        self.first = self.first_context.new_page()
        self.first.goto(picture.get_attribute("data-link"))
        self.first.locator('[data-action="open"]').click()
        self.compare(page, self.first, panel)
        see(self.first, "ready")
        self.shoot(self.first, "phone-ready")
        self.first.locator('[data-action="begin"]').click()
        see(self.first, "pan")
        self.first.wait_for_timeout(1_500)
        self.shoot(self.first, "phone-pan")
        done = '[data-action="pan-done"]:not([aria-disabled="true"])'
        self.first.locator(done).click(timeout=25_000)
        see(self.first, "film")
        page.wait_for_selector('[data-exam][data-phone="filming"]', timeout=20_000)
        page.locator(f"{panel} [data-phone-picture]:not([hidden])").wait_for()
        self.shoot(page, "companion-filming")
        self.shoot(self.first, "phone-film")
        for box in page.locator(f'{panel} [data-action="placed"]').all():
            box.check()

    def compare(self, page: Page, phone: Page, panel: str) -> None:
        """Both show the same four digits, and the candidate says so."""
        see(phone, "check")
        shown = page.locator(f'{panel} [data-slot="pairing-check"]')
        shown.wait_for()
        digits = phone.locator('[data-slot="cross-check"]').inner_text()
        assert len(digits.replace(" ", "")) == 4
        assert shown.inner_text() == digits
        self.shoot(page, "companion-compare")
        self.shoot(phone, "phone-check")
        page.locator(f'{panel} [data-action="match"]').click()

    def cut_phone(self, page: Page) -> None:
        """Cut the phone off; the page's own clock says when it noticed."""
        page.evaluate(NOTE_LOSS)
        self.first_context.set_offline(True)
        self.cut_ms = time.time() * 1000

    def see_phone_lost(self, page: Page) -> None:
        """The computer said so within fifteen seconds, and the question stands."""
        page.wait_for_selector('[data-exam][data-phone="lost"]', timeout=30_000)
        noticed_ms = page.evaluate("() => globalThis.phoneLostAt")
        assert noticed_ms - self.cut_ms < (SILENCE_SECONDS + 1) * 1000
        page.locator(".k-room [data-phone-lost]:visible").wait_for()
        assert page.get_by_text("What would you do first?").first.is_visible()
        self.shoot(page, "companion-lost")
        self.shoot(self.first, "phone-offline")

    def take_another(self, page: Page, phone: Page) -> None:
        """Another phone types the six digits; the film goes on in a new segment."""
        page.locator('[data-action="phone-code"]:visible').first.click()
        panel = '[data-dialog="phone-code"]'
        digits = page.locator(f"{panel} [data-pairing-digits]")
        page.locator(f"{panel} [data-qr][data-link]").wait_for()
        self.shoot(page, "companion-again")
        phone.goto(f"{self.base}/phone/")
        self.shoot(phone, "phone-door")
        phone.fill("[name=digits]", digits.inner_text().replace("\n", " "))
        phone.locator('[data-action="open"]').click()
        self.compare(page, phone, panel)
        see(phone, "ready")
        phone.locator('[data-action="begin"]').click()
        see(phone, "film")
        page.wait_for_selector('[data-exam][data-phone="filming"]', timeout=20_000)
        assert not page.locator(panel).is_visible()

    def stop_phone(self, phone: Page) -> None:
        stop = '[data-action="stop"]:not([aria-disabled="true"])'
        phone.locator(stop).click(timeout=20_000)
        see(phone, "done", timeout=40_000)
        phone.locator('[data-slot="receipt"]', has_text="…").wait_for()
        self.shoot(phone, "phone-done")


def see(phone: Page, view: str, *, timeout: float = 20_000) -> None:
    phone.wait_for_selector(f'[data-phone][data-view-now="{view}"]', timeout=timeout)
