"""Many walkers at once, a helpdesk that lets them in, and the report."""

import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from candidates.simulation.http import Client, Unexpected
from candidates.simulation.memory import Memory
from candidates.simulation.walk import Passage, Walker

CHECK_IN = re.compile(r'href="(/checkins/\d+/)"')


class Helpdesk(threading.Thread):
    """Signs in over the real page and approves the crowd's own identity checks."""

    def __init__(self, base: str, account: dict, *, tickets: set[str]) -> None:
        super().__init__(daemon=True)
        self.client = Client(base)
        self.account = account
        self.tickets = tickets
        self.approved = 0
        self.done = threading.Event()
        self.problem = ""

    def run(self) -> None:
        try:
            self._sign_in()
            while not self.done.wait(0.7):
                self._approve_all()
        except (Unexpected, OSError) as problem:
            self.problem = f"{type(problem).__name__}: {problem}"

    def _sign_in(self) -> None:
        fields = {key: self.account[key] for key in ("username", "password")}
        answer = self.client.fill_form("/staff/sign-in/", fields)
        if answer.status not in (302, 303):
            message = f"helpdesk sign-in answered {answer.status}"
            raise Unexpected(message)

    def _approve_all(self) -> None:
        queue = self.client.get("/checkins/").text
        for path in sorted(set(CHECK_IN.findall(queue))):
            page = self.client.get(path).text
            if not any(ticket in page for ticket in self.tickets):
                continue
            fields = {"decision": "approve", "reason": ""}
            answer = self.client.fill_form(path, fields)
            if answer.status in (200, 302, 303):
                self.approved += 1


def run_crowd(
    accounts: list[dict],
    *,
    helpdesk: dict | None,
    patience: float,
    answer_seconds: float | None,
    say: Callable[[str], None],
    memories: Path | None = None,
) -> dict:
    """Walk all accounts at once and return the report.

    `memories` is a folder in which the crowd's browsers keep what they hold, so that
    a later run goes on where this one stopped. The report:
    `{candidates, passed, problems, stages, chunks_sent, chunks_acknowledged, repeats,
    receipts, archived, approved, latencies_ms: {label: {count, p50, p99}}, seconds}`.
    """
    began = time.monotonic()
    counts: Counter[str] = Counter()
    lock = threading.Lock()
    stopping = threading.Event()

    def tell(stage: str) -> None:
        with lock:
            counts[stage] += 1
            line = ", ".join(f"{name} {n}" for name, n in counts.items())
        say(line)

    walkers = [
        Walker(
            account,
            seed=seed,
            patience=patience,
            answer_seconds=answer_seconds,
            tell=tell,
            memory=Memory(memories and memories / f"{account['ticket_number']}.json"),
            stopping=stopping,
        )
        for seed, account in enumerate(accounts)
    ]
    desk = _open_desk(accounts, helpdesk)
    passages = _walk_all(walkers, stopping=stopping)
    if desk:
        desk.done.set()
        desk.join(5)
    return {
        **_totals(passages),
        "stages": dict(counts),
        "approved": desk.approved if desk else 0,
        "helpdesk_problem": desk.problem if desk else "",
        "latencies_ms": _summary([walker.client.latencies_ms for walker in walkers]),
        "seconds": round(time.monotonic() - began, 1),
    }


def _walk_all(walkers: list[Walker], *, stopping: threading.Event) -> list[Passage]:
    with ThreadPoolExecutor(max(1, len(walkers))) as pool:
        try:
            return list(pool.map(Walker.walk, walkers))
        except KeyboardInterrupt:
            # Everybody puts down what he holds before the process ends.
            stopping.set()
            raise


def _totals(passages: list[Passage]) -> dict:
    return {
        "candidates": len(passages),
        "passed": sum(not p.problem for p in passages),
        "problems": {p.ticket_number: p.problem for p in passages if p.problem},
        "chunks_sent": sum(p.chunks_sent for p in passages),
        "chunks_acknowledged": sum(p.chunks_acknowledged for p in passages),
        "repeats": sum(p.repeats for p in passages),
        "receipts": sum(p.receipts for p in passages),
        "archived": sum(p.archived for p in passages),
        "numbers": sorted(p.number for p in passages if p.number is not None),
    }


def _open_desk(accounts: list[dict], helpdesk: dict | None) -> Helpdesk | None:
    if helpdesk is None or not accounts:
        return None
    base = accounts[0]["url"].partition("/p/")[0]
    desk = Helpdesk(
        base, helpdesk, tickets={account["ticket_number"] for account in accounts}
    )
    desk.start()
    return desk


def _summary(latencies: list[dict[str, list[float]]]) -> dict:
    joined: dict[str, list[float]] = {}
    for one in latencies:
        for label, values in one.items():
            joined.setdefault(label, []).extend(values)
    return {
        label: {
            "count": len(values),
            "p50": round(statistics.median(values), 1),
            "p99": round(sorted(values)[int(len(values) * 0.99)], 1),
        }
        for label, values in sorted(joined.items())
    }
