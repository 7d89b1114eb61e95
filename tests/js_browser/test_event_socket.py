"""The doorbell in a real browser: cursor, coming back, and a lost lease."""

import json

from tests.js_browser.waiting import until

OPEN = """async () => {
  const { EventSocket } = await import("/static/js/models/event_socket.js");
  window.socket = new EventSocket({ cursor: 5 });
  window.seen = [];
  for (const name of ["up", "down", "events", "lease_lost"]) {
    window.socket.addEventListener(name, ({ detail }) => window.seen.push([name, detail]));
  }
  window.socket.connect();
}"""
UP = ["up", {}]


def listen_on(page, answer):
    """Route the page's socket here; each dialled URL is kept."""
    dialled = []

    def dialling(route):
        dialled.append(route.url)
        answer(route, len(dialled))

    page.route_web_socket(lambda url: "/ws/attempt/" in url, dialling)
    return dialled


def seen(page, count):
    until(page, f"window.seen.length >= {count}")
    return page.evaluate("window.seen")


def test_socket_that_was_cut_comes_back_after_its_cursor(site, chromium):
    page = chromium.browser.contexts[0].new_page()
    event = {"seq": 7, "type": "attempt.entered", "payload": {}}

    def answer(route, count):
        route.send(json.dumps({"kind": "events", "events": [event], "cursor": 7}))
        if count == 1:
            route.close(code=1012)

    dialled = listen_on(page, answer)
    page.goto(site.url)
    page.evaluate(OPEN)

    log = seen(page, 5)

    rings = ["events", {"events": [event], "cursor": 7}]
    assert log == [UP, rings, ["down", {"code": 1012}], UP, rings]
    here = site.url.replace("http:", "ws:")
    assert dialled == [f"{here}/ws/attempt/?after=5", f"{here}/ws/attempt/?after=7"]


def test_socket_whose_lease_is_lost_says_so_once_and_stays_away(site, chromium):
    page = chromium.browser.contexts[0].new_page()

    def answer(route, count):
        route.send('{"kind":"lease_lost"}')
        route.close(code=4401)

    dialled = listen_on(page, answer)
    page.goto(site.url)
    page.evaluate(OPEN)

    seen(page, 2)
    page.wait_for_timeout(1500)

    assert page.evaluate("window.seen") == [UP, ["lease_lost", {}]]
    assert len(dialled) == 1


def test_heartbeat_carries_cursor_and_heads_only_while_the_line_is_up(site, chromium):
    page = chromium.browser.contexts[0].new_page()
    heard = []
    listen_on(
        page, lambda route, count: route.on_message(lambda text: heard.append(text))
    )
    page.goto(site.url)
    page.evaluate(OPEN)
    seen(page, 1)

    sent = page.evaluate('window.socket.beat({ camera: "ab" })')
    page.wait_for_timeout(200)
    page.evaluate("window.socket.disconnect()")
    after = page.evaluate("window.socket.beat({})")

    assert [sent, after] == [True, False]
    assert heard == ['{"kind":"heartbeat","cursor":5,"heads":{"camera":"ab"}}']
