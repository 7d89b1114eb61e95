"""Proctor, helpdesk and officials around one passage, each in a browser of its own."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.checks import Ledger
from tests.journeys.phone_story import PhoneStory

SOON = 20_000
WARNING = "Keep your hands in the picture"
QUESTION = "May I use the back of the paper?"
ANSWER = "Yes, you may."
SEEN = "A second person stands behind the candidate"
LIVE = '[data-live="{}"]'
MOST_BEHIND_MS = 5_000


class OrgansStory(PhoneStory):
    """A passage that is watched, helped, noted, judged and taken back."""

    @property
    def attempt(self) -> str:
        ((code,),) = Ledger(self.portal).rows("SELECT code FROM exams_attempt")
        return code

    def watch(self) -> None:
        """The tile has every picture; the enlarged page is at most 5 s behind."""
        self.grid = self.sign_in_staff("proctor")
        self.grid.goto(f"{self.direct}/proctor/")
        tile = self.grid.locator(".k-tile")
        for stream in ("camera", "screen", "companion"):
            tile.locator(f'[data-picture="{stream}"]:not([hidden])').wait_for()
        self.shoot(self.grid, "proctor-grid")
        self.one = one = self.grid.context.new_page()
        one.goto(f"{self.direct}/proctor/{self.attempt}/")
        for stream in ("camera", "screen", "companion"):
            one.wait_for_function(
                """([place, most]) => {
                  const behind = document.querySelector(place)?.dataset.behindMs;
                  return behind && Number(behind) <= most;
                }""",
                arg=[LIVE.format(stream), MOST_BEHIND_MS],
                timeout=SOON,
            )
        self.shoot(one, "proctor-one")

    def warn(self, page: Page) -> None:
        """The warning stands beside the question until it is acknowledged (L2)."""
        one = self.one
        one.locator("h1").click()
        one.keyboard.press("w")
        one.fill('[data-letter="warning"] textarea', WARNING)
        one.locator('[data-letter="warning"] [type="submit"]').click()
        one.get_by_text("Not acknowledged yet").wait_for()
        item = page.locator("[data-inbox] [data-item]:visible", has_text=WARNING)
        item.wait_for()
        assert page.get_by_text("What would you do first?").first.is_visible()
        self.shoot(page, "warning")
        item.locator('[data-action="acknowledge"]').click()
        item.wait_for(state="hidden")
        one.get_by_text("acknowledged at").wait_for()

    def ask(self, page: Page) -> None:
        """Request and answer; the proctor sees both where they watch."""
        page.locator('[data-action="help"]:visible').first.click()
        page.fill("[data-conversation] textarea", QUESTION)
        page.locator('[data-conversation] [data-action="say"]').click()
        talk = self.one.locator("[data-conversation]")
        expect(talk.locator("[data-log]")).to_contain_text(QUESTION, timeout=SOON)
        talk.locator("textarea").fill(ANSWER)
        talk.locator('[data-action="say"]').click()
        expect(page.locator("[data-log]")).to_contain_text(ANSWER, timeout=SOON)
        self.shoot(page, "help-answered")
        page.locator('[data-action="help-close"]').click()

    def note_incident(self) -> None:
        one = self.one
        one.locator("h1").click()
        one.keyboard.press("i")
        one.fill('[data-letter="incident"] textarea', SEEN)
        one.locator('[data-letter="incident"] [type="submit"]').click()
        expect(one.locator("[data-timeline]")).to_contain_text(SEEN, timeout=SOON)
        self.shoot(one, "incident-noted")

    def open_case(self) -> None:
        """One official sees the clip and opens; another confirms and tells."""
        self.first_officer = first = self.sign_in_staff("official")
        self.second_officer = self.sign_in_staff("second_official")
        first.goto(f"{self.direct}/review/")
        first.locator(f'[data-attempt="{self.attempt}"]').click()
        first.locator('[data-action="play"]').click()
        first.wait_for_function(
            "() => document.querySelector('video').currentTime > 0.2"
        )
        self.shoot(first, "review-attempt")
        first.fill("[name=facts]", SEEN)
        first.locator('[data-action="open-case"]').click()
        first.wait_for_url(re.compile("/review/cases/"))
        self.case = first.url
        assert first.locator('[data-step="confirm"]').count() == 0
        self.do(self.second_officer, "confirm", reason="It is there to see.")
        self.do(first, "notice")

    def do(self, page: Page, step: str, **typed: str) -> None:
        page.goto(self.case)
        page.locator(f'[data-step="{step}"]').click()
        for name, text in typed.items():
            if name == "outcome":
                page.locator(f'[name=outcome][value="{text}"]').check()
            else:
                page.fill(f"[name={name}]", text)
        self.shoot(page, f"case-{step}")
        page.locator('[data-action="do-step"]').click()
        page.wait_for_url(self.case)

    def waive(self, context: BrowserContext) -> None:
        """The candidate is told in the inbox, and says nothing to it."""
        page = context.new_page()
        page.goto(f"{self.base}/p/interview/home/")
        page.locator("[data-inbox-open] [data-item] [data-link]:visible").first.click()
        page.locator("[data-notice]").wait_for()
        assert SEEN in page.locator("[data-notice]").inner_text()
        self.shoot(page, "case-notice")
        page.locator("[data-form=waiver]").locator("xpath=..").locator(
            "summary"
        ).click()
        page.locator('[data-action="waive"]').click()
        page.locator("[data-form=waiver]").wait_for(state="detached")

    def rule(self, outcome: str) -> None:
        """One proposes, nothing happens; the other approves, and it is carried out."""
        self.do(self.first_officer, "propose", outcome=outcome, reasons="As seen.")
        assert self.first_officer.locator('[data-step="approve"]').count() == 0
        self.do(self.second_officer, "approve")

    def result(self, context: BrowserContext) -> str:
        """What the candidate's page says now: a value, or `void`."""
        page = context.new_page()
        page.goto(f"{self.base}/p/interview/home/")
        page.locator("a[href^='/result/']").first.click()
        page.wait_for_load_state()
        if page.locator("[data-void]").count():
            self.shoot(page, "result-void")
            return "void"
        return page.locator("[data-result]").inner_text()

    def standing(self) -> tuple[str, str, str]:
        """What officials read of the attempt: computed, counts as, rank."""
        page = self.first_officer
        page.goto(f"{self.direct}/review/sessions/{self.facts['code']}/results/")
        cells = page.locator(f'[data-line="{self.attempt}"] td').all_inner_texts()
        return tuple(cell.strip() for cell in cells[2:5])
