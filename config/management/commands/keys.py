"""`manage.py keys`: make the keys that a new installation needs."""

import os
import secrets

from django.conf import settings
from django.core.management.base import BaseCommand

from exams.kernel import keys


class Command(BaseCommand):
    help = "Create the keys and the secret that are missing; keep the others."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        made = keys.create_missing(settings.KAOWU_KEYS)
        secret = settings.KAOWU_KEYS / "secret"
        if not secret.exists():
            descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as handle:
                handle.write(secrets.token_urlsafe(50))
            made.append(secret.name)
        self.stdout.write(f"made: {', '.join(made) or 'nothing, all are there'}")
