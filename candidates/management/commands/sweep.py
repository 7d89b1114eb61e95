"""`manage.py sweep`: stores what is due, every few seconds.

Deadlines, freezes, draws, upload caps and forgotten archives, and what the floors above
declare. One process beside web and worker, started by `serve`. Each sweep is on its
own: one that fails is logged and tried again in the next round, the others go on.
"""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils.module_loading import import_string

from candidates.domain.companions import expire_codes
from candidates.domain.conflicts import sweep_conflicts
from candidates.domain.mail_sending import sweep_claims
from candidates.domain.phone_presence import sweep_phones
from candidates.domain.photo_files import sweep_files
from candidates.domain.roster_photos import sweep_photos
from candidates.domain.silences import sweep_computers
from candidates.domain.sweeps import ArchiveWaker, MailWaker, TicketWaker, sweep_caps
from candidates.domain.tickets import sweep_ticket_files
from exams.domain.attempts import sweep_deadlines
from exams.domain.draw import sweep_draws
from exams.domain.freezing import sweep_freezes
from exams.kernel import clock

logger = logging.getLogger(__name__)

Sweep = Callable[..., int]


class Command(BaseCommand):
    help = "Store what is due: deadlines, freezes, draws, upload caps, archives."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=float, default=5.0, help="seconds between two rounds"
        )
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: object, **options: object) -> None:
        sweeps: dict[str, Sweep] = {
            "deadlines": sweep_deadlines,
            "freezes": sweep_freezes,
            "draws": sweep_draws,
            "caps": sweep_caps,
            "codes": expire_codes,
            "phones": sweep_phones,
            "computers": sweep_computers,
            "photos": sweep_photos,
            "archives": ArchiveWaker().wake,
            "conflicts": sweep_conflicts,
            "discarded files": sweep_files,
            "tickets": TicketWaker().wake,
            "ticket files": sweep_ticket_files,
            "letters": MailWaker().wake,
            "claims": sweep_claims,
            **sweeps_above(),
        }
        if options["once"]:
            for name, count in run_round(sweeps, at=clock.now()).items():
                self.stdout.write(f"{name}: {'failed' if count is None else count}")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            run_round(sweeps, at=clock.now())
            stop.wait(options["every"])


def sweeps_above() -> dict[str, Sweep]:
    """Return what upper floors declare: `sweeps` of their app config, name → path."""
    return {
        name: import_string(path)
        for config in apps.get_app_configs()
        for name, path in getattr(config, "sweeps", {}).items()
    }


def run_round(sweeps: dict[str, Sweep], *, at: datetime) -> dict[str, int | None]:
    """Call every sweep once; return what each did, None where it failed."""
    done: dict[str, int | None] = {}
    for name, sweep in sweeps.items():
        try:
            done[name] = sweep(at=at)
        except Exception:
            # A process edge: no single row may stop the clock of all others.
            logger.exception("the sweep of %s failed", name)
            done[name] = None
    return done
