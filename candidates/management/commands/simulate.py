"""`manage.py simulate`: synthetic candidates over the real protocol."""

import json
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from candidates.simulation.crowd import run_crowd

STOPPED = 130


class Command(BaseCommand):
    help = "Walk synthetic candidates through a session, over HTTP only."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("accounts", type=Path, help="accounts.json of the demo")
        parser.add_argument("--limit", type=int, default=None)
        parser.add_argument("--patience", type=float, default=600, help="seconds")
        parser.add_argument(
            "--answer", type=float, default=None, help="end after so many seconds"
        )
        parser.add_argument("--report", type=Path, default=None)
        parser.add_argument(
            "--memories", type=Path, help="folder of the crowd's browsers, to go on"
        )
        parser.add_argument("--no-helpdesk", action="store_true")

    def handle(self, *args: object, **options: object) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        accounts = json.loads(options["accounts"].read_text(encoding="utf-8"))
        crowd = [row for row in accounts["candidates"] if row.get("simulated")]
        desk = None if options["no_helpdesk"] else accounts["staff"]["helpdesk"]
        try:
            report = run_crowd(
                crowd[: options["limit"]],
                helpdesk=desk,
                patience=options["patience"],
                answer_seconds=options["answer"],
                say=self.stderr.write,
                memories=options["memories"],
            )
        except KeyboardInterrupt:
            self.stderr.write("stopped; the same command with --memories goes on")
            sys.exit(STOPPED)
        text = json.dumps(report, indent=2)
        if options["report"]:
            options["report"].write_text(text, encoding="utf-8")
        self.stdout.write(text)
        sys.stdout.flush()
        if report["passed"] != report["candidates"]:
            message = f"{len(report['problems'])} passages failed"
            raise CommandError(message)
