"""`manage.py verify_recording PATH`: does an exported recording prove itself?

PATH is the manifest file inside an exported recording folder (or the folder): the
segments' files lie beside `archive/`, the films in it. Nothing is asked of the
database; every byte is read again.
"""

import hashlib
import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from candidates.domain.evidence_bundle import check_bundle


class Command(BaseCommand):
    help = "Check an exported recording against its manifest, byte by byte."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the manifest file, or its folder")
        parser.add_argument("--digest", help="what the manifest file must hash to")

    def handle(self, *args: object, **options: object) -> None:
        path = manifest_in(options["path"])
        text = path.read_bytes()
        digest = hashlib.sha256(text).hexdigest()
        if options["digest"] and options["digest"] != digest:
            message = f"the manifest's digest is {digest}"
            raise CommandError(message)
        try:
            manifest = json.loads(text)
            problems = check_bundle(manifest, text=text, folder=path.parent)
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path.name} is no manifest"
            raise CommandError(message) from error
        for problem in problems:
            self.stderr.write(json.dumps(problem, ensure_ascii=False))
        if problems:
            message = f"{len(problems)} problems"
            raise CommandError(message)
        chunks = sum(len(rows) for rows in manifest["chunks"].values())
        self.stdout.write(
            f"recording {manifest['recording']}: {len(manifest['segments'])} segments,"
            f" {chunks} chunks, {len(manifest['media'])} films; manifest {digest}"
        )


def manifest_in(path: Path) -> Path:
    """Return the one manifest file at or below `path`."""
    if path.is_file():
        return path
    found = [*path.glob("*.json"), *path.glob("archive/*.json")]
    if len(found) != 1:
        message = f"{len(found)} manifests in {path}"
        raise CommandError(message)
    return found[0]
