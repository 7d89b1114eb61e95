"""`manage.py forget_faces SESSION`: delete what was computed from faces, and say so.

SESSION is a session's code. Each attempt gets its entry in the audit trail; decisions,
distances and hashes stay.
"""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from candidates.domain.face_login import forget_faces
from candidates.queries.faces import attempts_with_faces
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.models import Session


class Command(BaseCommand):
    help = "Delete the face data of a session; print a dated report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session", help="the session's code")

    def handle(self, *args: object, **options: object) -> None:
        session = Session.objects.filter(code=options["session"]).first()
        if session is None:
            message = f"no session {options['session']}"
            raise CommandError(message)
        at, by = clock.now(), Actor.job("forget_faces")
        attempts = list(attempts_with_faces(session))
        deleted = sum(forget_faces(attempt, by=by, at=at) for attempt in attempts)
        self.stdout.write(
            f"{at.isoformat(timespec='seconds')} session {session.code}: deleted"
            f" {deleted} embeddings of {len(attempts)} attempts"
        )
