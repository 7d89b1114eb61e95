"""Every admin list that grows with the candidates, the dashboard, find, readiness.

Each page is asked for through Django's test client. Milliseconds are CPU time, medians
of `ROUNDS`: SQL is the database backend's (without parallel workers, whose account is
not its own), a page's is that and the process's. The same lists are shown by a stock
`ModelAdmin` of the same columns, filters and searched fields on the same tables, and
every page is compared with itself in the same database when it held 10,000.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.bench.stage import DATA, Stage

ROWS = int(os.environ.get("ROWS", "100000"))
FEW = min(10_000, ROWS // 10)
ROUNDS = int(os.environ.get("ROUNDS", "5"))
STOCK_ROUNDS = 3
MOST_SQL, MOST_GROWTH, LEAST_GAIN = 40, 1.5, 10
NOISE_MS = 10  # what one page may differ by on a shared machine
LISTS = {
    "candidates.candidate": ["post=Post 7"],
    "exams.attempt": ["state__exact=submitted", "state__exact=checked_in"],
    "candidates.checkin": ["state__exact=waiting", "state__exact=approved"],
    "candidates.devicelease": ["state__exact=waiting", "level__exact=claimed"],
    "candidates.companion": ["state__exact=filming"],
    "candidates.recording": [
        *("upload=overdue", "upload=outstanding", "state__exact=needs_review"),
        *("stream__exact=camera", "complete__exact=0"),
    ],
    "candidates.observation": ["kind__exact=device_lost"],
    "proctoring.incident": ["state__exact=open", "source__exact=job"],
    "proctoring.case": ["waits=signature", "state__exact=opened"],
    "exams.sheet": ["state__exact=draft"],
    "exams.result": [],
    "exams.auditentry": ["act=attempt.sealed", "since=2020-01-01"],
    "exams.room": [],
    "exams.session": ["state__exact=draft"],
}
CODED = {
    *("exams.attempt", "candidates.candidate", "candidates.recording", "exams.result"),
    *("candidates.checkin", "proctoring.incident", "proctoring.case"),
}
STOCK_SEARCH = {
    "candidates.candidate": ("ticket_number", "name", "enrolments__attempt__code"),
    "exams.attempt": ("code",),
    "proctoring.case": ("code", "attempt__code"),
    **dict.fromkeys(
        ("candidates.checkin", "candidates.recording", "exams.result"),
        ("attempt__code",),
    ),
    "proctoring.incident": ("attempt__code",),
}
STOCK_NAMES = {
    "shown_state": "state",
    "has_photo": "photo",
    "is_whole": "complete",
    "shown_value": "value",
    "when": "at",
    "words": "action",
    "what": "subject",
}


class Page(NamedTuple):
    """`model` and `query` when it is a list, which a stock admin shows too."""

    name: str
    path: str
    model: str = ""
    query: str = ""


class Cost(NamedTuple):
    """Milliseconds."""

    sql: float
    page: float


def measure() -> list[dict]:
    """Return the figures; prints each page as it is measured."""
    with Stage():
        DATA.mkdir(parents=True, exist_ok=True)
        # Only now is Django ready.
        from django.db import connection

        from tests.bench.admin_rows import People

        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
        people = People()
        people.grow(FEW)
        few = {page.name: _ours(people, page) for page in _pages(people)}
        people.grow(ROWS)
        rows = []
        for page in _pages(people):
            many = _ours(people, page)
            stock = _stock(people, page) if page.model else None
            print(page.name, few[page.name], many, stock, flush=True)
            rows += _figures(page, few[page.name], many, stock)
        connection.close()
    return rows


def _figures(page: Page, few: Cost, many: Cost, stock: Cost | None) -> Iterator[dict]:
    flat = many.page <= max(MOST_GROWTH * few.page, few.page + NOISE_MS)
    beside = f"{few.sql:.1f} of {FEW}, page {few.page:.0f} -> {many.page:.0f} ms"
    if stock:
        beside += f"; stock {stock.sql:.0f}, page {stock.page:.0f} ms"
    goal = f"<= {MOST_SQL}, page <= {MOST_GROWTH}x"
    holds = many.sql <= MOST_SQL and flat
    yield _row(f"admin_pages.{page.name}", many.sql, "ms SQL", beside, goal, holds)
    if stock and "q=" in page.query:
        gain = stock.sql / many.sql
        name = f"admin_pages.{page.name}.over_stock"
        yield _row(name, gain, "x", "", f">= {LEAST_GAIN}", gain >= LEAST_GAIN)


def _pages(people) -> Iterator[Page]:
    middle = people.held // 2
    ticket, code, name = f"2026{middle:08}", people.code_of(middle), people.name_of(7)
    session = people.sessions[0].pk
    yield Page("dashboard", "/admin/")
    yield Page("find.ticket", f"/admin/find/?q={ticket}")
    yield Page("find.name", f"/admin/find/?q={name}")
    yield Page("readiness", f"/admin/readiness/{session}/")
    yield Page("readiness.no_photo", f"/admin/readiness/{session}/?problem=no_photo")
    yield Page("helpdesk", "/helpdesk/")
    for model, filters in LISTS.items():
        queries = {"first": "", "deep": f"p={_last_page(people, model)}"}
        queries |= {text.replace("__exact", ""): text for text in filters}
        if model == "candidates.candidate":
            queries |= {"search.ticket": f"q={ticket}", "search.name": f"q={name}"}
        if model in CODED:
            queries["search.code"] = f"q={code}"
        for what, query in queries.items():
            path = f"/admin/{model.replace('.', '/')}/"
            yield Page(f"{model}.{what}", f"{path}?{query}", model, query)


def _ours(people, page: Page) -> Cost:
    from django.test import Client

    client = Client()
    client.force_login(people.boss)

    def show() -> None:
        response = client.get(page.path)
        assert response.status_code == 200, (page, response.status_code)

    return _cost(show, ROUNDS)


def _stock(people, page: Page) -> Cost:
    """The same list by a `ModelAdmin` that knows the columns and nothing else."""
    from django.apps import apps
    from django.contrib import admin

    model = apps.get_model(page.model)
    ours = admin.site.get_model_admin(model)
    names = {field.name for field in model._meta.concrete_fields}
    columns = [
        STOCK_NAMES.get(name, name)
        for name in ours.list_display
        if STOCK_NAMES.get(name, name) in names
    ]
    filters = {text.split("=")[0].split("__")[0] for text in LISTS[page.model]}
    settings = {
        "list_display": columns,
        "list_select_related": ours.list_select_related,
        "list_filter": sorted(filters & names),
        "search_fields": STOCK_SEARCH.get(page.model, ()),
        "ordering": ours.ordering,
    }
    made = type("Stock", (admin.ModelAdmin,), settings)(model, admin.site)
    query = page.query
    if query.startswith("p="):
        query = f"p={-(-model.objects.count() // made.list_per_page)}"
    parts = {text.split("=")[0].split("__")[0] for text in query.split("&") if text}
    if not parts <= {"q", "p", *filters & names}:
        query = ""

    def show() -> None:
        response = made.changelist_view(_request(people, page.path, query))
        assert response.render().status_code == 200, page

    return _cost(show, STOCK_ROUNDS)


def _last_page(people, model: str) -> int:
    from django.apps import apps
    from django.contrib import admin

    ours = admin.site.get_model_admin(apps.get_model(model))
    path = f"/admin/{model.replace('.', '/')}/"
    return ours.get_changelist_instance(_request(people, path)).paginator.num_pages


def _request(people, path: str, query: str = ""):
    from django.test import RequestFactory
    from django.urls import resolve

    path = path.partition("?")[0]
    request = RequestFactory().get(f"{path}?{query}")
    request.user, request.resolver_match = people.boss, resolve(path)
    return request


def _cost(show: Callable[[], None], rounds: int) -> Cost:
    """Return medians of the CPU time of database and page, after one for the caches."""
    from django.db import connection

    show()
    account = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")

    def spent() -> tuple[float, float]:
        sql = int(account.read_text("ascii").split()[0]) / 1e6
        return sql, sql + 1000 * time.process_time()

    found = []
    for _ in range(rounds):
        before = spent()
        show()
        found.append([after - one for after, one in zip(spent(), before, strict=True)])
    return Cost(*map(median, zip(*found, strict=True)))


def _row(name, value, unit, peer, goal, holds) -> dict:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "peer": peer,
        "goal": goal,
        "holds": holds,
    }
