"""Help in real browsers: nothing that was written is lost, doubled or out of order.

The candidate is cut off by a proxy in front of the server; the staff are not.
"""

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect, sync_playwright

from tests.journeys.browser import staff_browser
from tests.journeys.portal import Portal
from tests.journeys.proxy import Proxy

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]
SOON = 20_000
HOUR = 3600
TOKEN = "a-lease-of-this-journey"


class Stage:
    """A portal, a candidate behind a proxy that can be cut, and staff beside it."""

    def __init__(self, portal: Portal, proxy: Proxy, browser, facts: dict) -> None:
        self.portal = portal
        self.proxy = proxy
        self.browser = browser
        self.facts = facts
        self.base = f"http://127.0.0.1:{proxy.port}"
        self.direct = f"http://127.0.0.1:{portal.port}"

    def context(self) -> BrowserContext:
        return self.browser.new_context(
            locale="en", viewport={"width": 1366, "height": 820}
        )

    def sign_in(self, username: str) -> Page:
        page = self.context().new_page()
        page.goto(f"{self.direct}/staff/sign-in/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", self.facts["password"])
        page.locator("[data-action=sign-in]").click()
        page.wait_for_url(f"{self.direct}/staff/")
        return page


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    portal = Portal(tmp_path_factory.mktemp("help"))
    portal.found()
    facts = portal.prepare(
        "examination",
        start_in=HOUR,
        login_before=HOUR,
        entry_before=600,
        draw_before=600,
        answer=600,
    )
    facts |= portal.prepare("seated", session=facts["session"], token=TOKEN)
    portal.start()
    try:
        with (
            sync_playwright() as playwright,
            Proxy(portal.port) as proxy,
            contextlib.closing(staff_browser(playwright)) as browser,
        ):
            yield Stage(portal, proxy, browser, facts)
    finally:
        portal.stop()


def say(page: Page, text: str) -> None:
    page.fill("[data-conversation] textarea", text)
    page.locator("[data-conversation] [data-action=say]").click()


def texts(page: Page) -> list[str]:
    return page.locator("[data-log] [data-slot=text]").all_inner_texts()


def states(page: Page) -> list[str]:
    rows = page.locator("[data-log] [data-message]").all()
    return [row.get_attribute("data-message") for row in rows]


def come_back(page: Page, url: str) -> None:
    """Open the page; the browser may still be showing its own error page."""
    for _ in range(10):
        try:
            page.goto(url)
        except Error:
            page.wait_for_timeout(300)
        else:
            return
    page.goto(url)


def settled(page: Page, *wanted: str) -> None:
    """Wait until the messages stand in these states, in this order."""
    for number, state in enumerate(wanted):
        row = page.locator("[data-log] [data-message]").nth(number)
        expect(row).to_have_attribute("data-message", state, timeout=SOON)
    assert len(states(page)) == len(wanted)


def test_what_is_written_in_an_outage_arrives_once_in_order_and_is_answered(stage):
    page = stage.context().new_page()
    page.goto(f"{stage.base}/p/interview/")
    page.locator("[data-helpbar] [data-action=help]").click()
    page.select_option("[data-conversation] [name=topic]", "sign_in")
    say(page, "I cannot sign in")
    settled(page, "sent")

    stage.proxy.cut()
    say(page, "Now the network dropped")
    say(page, "Is anybody there?")
    expect(page.locator("[data-line]")).to_contain_text("network is off", timeout=SOON)
    settled(page, "sent", "waiting", "waiting")
    with contextlib.suppress(Error):
        page.reload()
    stage.proxy.mend()
    come_back(page, f"{stage.base}/p/interview/")
    page.locator("[data-helpbar] [data-action=help]").click()
    settled(page, "sent", "sent", "sent")
    said = ["I cannot sign in", "Now the network dropped", "Is anybody there?"]
    assert texts(page) == said

    desk = stage.sign_in("helpdesk")
    desk.goto(f"{stage.direct}/helpdesk/")
    desk.locator("[data-request]").first.click()
    settled(desk, "theirs", "theirs", "theirs")
    assert texts(desk) == said
    settled(page, "read", "read", "read")

    say(desk, "We are here. Try again now.")
    settled(page, "read", "read", "read", "theirs")
    settled(desk, "theirs", "theirs", "theirs", "read")
    expect(desk.locator("[data-part=head]")).to_contain_text("Helpdesk", timeout=SOON)
    desk.locator("[data-action=resolve]").click()
    expect(page.locator("[data-line]")).to_contain_text("Resolved", timeout=SOON)


def test_conversation_goes_on_after_the_server_was_started_again(stage):
    page, desk = stage.context().new_page(), stage.sign_in("helpdesk")
    page.goto(f"{stage.base}/p/interview/")
    page.locator("[data-helpbar] [data-action=help]").click()
    say(page, "one")
    settled(page, "sent")
    desk.goto(f"{stage.direct}/helpdesk/")
    desk.locator("[data-request]").first.click()
    settled(desk, "theirs")

    stage.portal.stop()
    say(page, "two")
    say(desk, "three")
    stage.portal.start()

    expect(page.locator("[data-log] [data-message]")).to_have_count(3, timeout=SOON)
    expect(desk.locator("[data-log] [data-message]")).to_have_count(3, timeout=SOON)
    assert texts(page) == texts(desk)
    assert sorted(texts(page)) == ["one", "three", "two"]
    assert states(page).count("theirs") == 1


def test_announcement_reaches_the_open_home_page_and_its_reading_is_counted(stage):
    context = stage.context()
    context.add_cookies([{"name": "kaowu_lease", "value": TOKEN, "url": stage.base}])
    page = context.new_page()
    page.goto(f"{stage.base}/p/interview/home/")
    boss = stage.sign_in("administrator")
    boss.goto(f"{stage.direct}/helpdesk/announcements/")
    boss.fill("[name=title]", "Ten minutes later")
    boss.fill("[name=body]", "The exam starts ten minutes later.")
    boss.locator("[data-action=preview]").click()
    assert boss.locator("[data-count]").inner_text() == "1"
    boss.locator("[data-action=confirm]").click()
    expect(boss.locator("[data-announcement]")).to_contain_text("read by 0 of 1")

    item = page.locator("[data-inbox-open] [data-item]")
    expect(item).to_contain_text("Ten minutes later", timeout=SOON)
    item.locator("[data-action=read]").click()
    expect(page.locator("[data-inbox-earlier]")).to_be_visible(timeout=SOON)
    expect(item).to_have_count(0, timeout=SOON)

    boss.reload()
    expect(boss.locator("[data-announcement]")).to_contain_text("read by 1 of 1")


def test_warning_on_the_exam_page_stays_until_it_is_confirmed(stage):
    context = stage.context()
    context.add_cookies([{"name": "kaowu_lease", "value": TOKEN, "url": stage.base}])
    page = context.new_page()
    page.goto(f"{stage.base}/exam/{stage.facts['attempt']}/")
    page.wait_for_selector("[data-ready]")
    told = stage.portal.prepare("warned", attempt=stage.facts["attempt"])

    place = page.locator('[data-inbox="passage"]')
    item = place.locator(f"[data-item='{told['item']}']")
    expect(item).to_be_visible(timeout=SOON)
    page.reload()
    expect(item).to_be_visible(timeout=SOON)
    item.locator("[data-action=acknowledge]").click()

    expect(place.locator("[data-inbox-open] [data-item]")).to_have_count(
        0, timeout=SOON
    )
    page.reload()
    expect(place.locator("[data-inbox-earlier]")).to_be_visible(timeout=SOON)
