"""`manage.py verify_draw`: recompute a published draw from its transcript file."""

import argparse
import base64
import binascii
import hashlib
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management.base import BaseCommand, CommandError

from exams.domain.drawing import find_faults
from exams.kernel import canonical

RECEIPTED = ("attempt", "position", "number", "nonce", "origin", "drawn_ms")


class Command(BaseCommand):
    help = (
        "Check the transcript of a closed draw: seed, commitment, roster and every "
        "number; with --keys also the signatures. Needs no database."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("transcript", type=Path, help="the JSON file as published")
        parser.add_argument("--keys", type=Path, help="the published keys.json")
        parser.add_argument(
            "--receipt", type=Path, help="a candidate's receipt that must be in it"
        )

    def handle(self, *args: object, **options: Path | None) -> None:
        transcript = _read(options["transcript"])
        faults = find_faults(transcript)
        if not faults and options["keys"]:
            faults = _faults_of_seals(transcript, _read(options["keys"])["keys"])
        if not faults and options["receipt"]:
            faults = _faults_of_receipt(transcript, _read(options["receipt"]))
        if faults:
            raise CommandError("\n".join(["The draw does NOT hold:", *faults]))
        dealt = len(transcript["numbers"]) + len(transcript["late"])
        self.stdout.write(f"The draw holds: {dealt} numbers recomputed.")


def _read(path: Path) -> dict:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path}: {error}"
        raise CommandError(message) from error
    if not isinstance(found, dict):
        message = f"{path}: a JSON object is needed"
        raise CommandError(message)
    return found


def _faults_of_seals(transcript: dict, keys: dict[str, str]) -> list[str]:
    try:
        return [
            *_faults_of_statement(transcript, keys),
            *(
                f"number {row['number']}: the receipt does not fit or is not signed"
                for row in [*transcript["numbers"], *transcript["late"]]
                if _opened(row["receipt"], keys) != _receipted(transcript, row)
            ),
        ]
    except (KeyError, TypeError) as error:
        return [f"the transcript has the wrong shape: {error!r}"]


def _faults_of_statement(transcript: dict, keys: dict[str, str]) -> list[str]:
    body = {name: value for name, value in transcript.items() if name != "seal"}
    stated = {
        "kind": "kaowu/draw-transcript/1",
        "session": transcript["session"],
        "digest": hashlib.sha256(canonical.encode(body)).hexdigest(),
    }
    if _opened(transcript["seal"], keys) == stated:
        return []
    return ["the transcript's own seal does not fit or is not signed"]


def _faults_of_receipt(transcript: dict, receipt: dict) -> list[str]:
    rows = [*transcript["numbers"], *transcript["late"]]
    if any(row.get("receipt") == receipt for row in rows):
        return []
    return ["the receipt is not in the transcript"]


def _receipted(transcript: dict, row: dict) -> dict:
    return {
        "kind": transcript["protocol"],
        "session": transcript["session"],
        "commitment": transcript["commitment"],
        **{name: row[name] for name in RECEIPTED},
    }


def _opened(envelope: dict[str, str], keys: dict[str, str]) -> dict | None:
    """Return the payload of a well-signed envelope, else None."""
    try:
        text = base64.b64decode(envelope["payload"], validate=True)
        signature = base64.b64decode(envelope["signature"], validate=True)
        raw = base64.b64decode(keys[envelope["key_id"]], validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, text)
        return json.loads(text)
    except (KeyError, TypeError, ValueError, binascii.Error, InvalidSignature):
        return None
