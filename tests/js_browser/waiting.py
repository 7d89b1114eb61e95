"""Waiting for a page: under its own policy no text may be evaluated inside it."""

import time


def until(page, expression, seconds=20):
    """The value of `expression` once it is true; fails when it never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = page.evaluate(expression)
        if value:
            return value
        page.wait_for_timeout(50)
    message = f"never true: {expression}"
    raise AssertionError(message)


def until_total(page, name, least):
    """Waits for the store of the page to count so many chunks; the totals then."""
    until(page, f"window.exam.store.totals().then((all) => all.{name} >= {least})", 60)
    return page.evaluate("window.exam.store.totals()")
