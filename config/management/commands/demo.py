"""`manage.py demo`: an examination that runs, with a crowd in it."""

import os
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.management.commands.serve import Family, Serve
from config.pages import demo
from exams.kernel import clock
from exams.kernel.errors import Refusal

READY_SECONDS = 40
PATIENCE = 3600  # seconds; the crowd's session with its archive is over long before


class Command(BaseCommand):
    help = "Set up the demo examination and serve it with simulated candidates."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--candidates", type=int, default=12)
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000")

    def handle(self, *args: object, **options: object) -> None:
        call_command("migrate", verbosity=0)
        base = f"http://{options['host']}:{options['port']}"
        path = settings.DATA / "accounts.json"
        try:
            accounts = demo.seed(
                base=base,
                candidates=options["candidates"],
                at=clock.now(),
                known=demo.read_accounts(path),
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for place in places_of_accounts(path):
            demo.write_accounts(place, accounts)
        with Serve(options["host"], options["port"]) as family:
            self._wait(f"{base}/healthz", family)
            self._print_table(accounts)
            family.add_once("crowd", crowd_command(path))
            # Half a minute of download, with the first page long up.
            family.add_once("faces", ["make", "--no-print-directory", "faces"])
            family.keep()

    def _wait(self, url: str, family: Family) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            family.revive()
            try:
                urllib.request.urlopen(url, timeout=2).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
            else:
                return
        message = f"the server did not answer at {url} within {READY_SECONDS} s"
        raise CommandError(message)

    def _print_table(self, accounts: dict) -> None:
        rows = [
            (role, row["url"], row["username"], row["password"])
            for role, row in accounts["staff"].items()
        ] + [
            ("candidate", row["url"], row["ticket_number"], row["id_suffix"])
            for row in accounts["candidates"]
            if not row["simulated"]
        ]
        heads = ("who", "address", "login / ticket number", "password / ID suffix")
        widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(4)]
        for row in (heads, *rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write("Ctrl-C stops everything.")
        self.stdout.flush()


def places_of_accounts(path: Path) -> list[Path]:
    """Return where the logins are written: the demo's own folder, and the usual one.

    Not the usual one while another demo lives there, whose only copy it is.
    """
    usual = settings.BASE_DIR / "var" / "demo" / "accounts.json"
    taken = usual != path and usual.with_name("kaowu.sqlite3").exists()
    return [path] if taken or usual == path else [path, usual]


def crowd_command(accounts: Path) -> list[str]:
    report = accounts.with_name("simulation.json")
    log = [sys.executable, "manage.py", "simulate", str(accounts)]
    memories = accounts.with_name("crowd")
    files = ["--report", str(report), "--memories", str(memories)]
    return [*log, *files, "--patience", str(PATIENCE)]
