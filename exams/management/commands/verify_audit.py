"""`manage.py verify_audit`: re-derive every chain of the audit trail."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from exams.domain.audit import Actor, ChainBroken, verify_chain
from exams.domain.audit_checks import check_chain
from exams.kernel import clock
from exams.models import AuditEntry


class Command(BaseCommand):
    help = "Verify one chain of the audit trail, or all of them."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chain", nargs="*", help="a session's code, or 'system'")
        parser.add_argument(
            "--record",
            action="store_true",
            help="write the results into the trail, where the admin shows them",
        )

    def handle(self, *args: object, **options: object) -> None:
        stored = AuditEntry.objects.order_by("chain").values_list("chain", flat=True)
        for chain in options["chain"] or list(stored.distinct()):
            if options["record"]:
                by = Actor.job("verify_audit")
                check_chain(chain, by=by, at=clock.now())
            try:
                length = verify_chain(chain)
            except ChainBroken as broken:
                message = f"{chain}: broken at entry {broken}"
                raise CommandError(message) from broken
            self.stdout.write(f"{chain}: {length} entries, sound")
