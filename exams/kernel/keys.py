"""The key directory (`KAOWU_KEYS`): outside database and media, mode 0600.

Four families: `field` (AES-256-GCM for columns), `lookup` (HMAC), `sign` (Ed25519)
and `paper` (AES-256-GCM for question texts). A file is `<family>.<key id>`, 32 raw
bytes. The newest key id of a family writes, every one of them reads.
"""

import hmac
import os
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from exams.kernel.errors import Fault

FAMILIES = ("field", "lookup", "sign", "paper")
KEY_BYTES = 32
NONCE_BYTES = 12


class KeyMissing(Fault):
    """The key directory has no key of this family and id."""


class Unreadable(Fault):
    """A ciphertext does not open: wrong key, or changed bytes."""


def create_missing(folder: Path) -> list[str]:
    """Make one first key per family that has none; return the names made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    for family in FAMILIES:
        if not any(folder.glob(f"{family}.*")):
            path = folder / f"{family}.0001"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(secrets.token_bytes(KEY_BYTES))
            made.append(path.name)
    return made


def missing(folder: Path) -> list[str]:
    """Return the families that have no key in `folder`."""
    return [family for family in FAMILIES if not any(folder.glob(f"{family}.*"))]


@cache
def _read(folder: str, family: str) -> dict[str, bytes]:
    keys = {}
    for path in sorted(Path(folder).glob(f"{family}.*")):
        keys[path.name.split(".", 1)[1]] = path.read_bytes()
    return keys


@cache
def _newest(folder: str, family: str) -> tuple[str, bytes]:
    keys = _read(folder, family)
    if not keys:
        raise KeyMissing(family)
    key_id = max(keys)
    return key_id, keys[key_id]


@cache
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def forget() -> None:
    """Drop the keys held in memory, after a rotation."""
    _read.cache_clear()
    _newest.cache_clear()
    _cipher.cache_clear()


def newest(family: str) -> tuple[str, bytes]:
    """Return `(key id, 32 bytes)` of the key that writes."""
    return _newest(str(settings.KAOWU_KEYS), family)


def named(family: str, key_id: str) -> bytes:
    """Return the 32 bytes of one key; raises `KeyMissing`."""
    try:
        return _read(str(settings.KAOWU_KEYS), family)[key_id]
    except KeyError:
        name = f"{family}.{key_id}"
        raise KeyMissing(name) from None


def encrypt(text: bytes, *, family: str, context: bytes = b"") -> bytes:
    """Return `key id ‖ "." ‖ nonce ‖ ciphertext`, bound to `context`."""
    key_id, key = newest(family)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return key_id.encode() + b"." + nonce + _cipher(key).encrypt(nonce, text, context)


def encrypt_all(
    texts: list[bytes], *, family: str, context: bytes = b""
) -> list[bytes]:
    """Return what `encrypt` does of each of many texts; empty ones stay empty."""
    key_id, key = newest(family)
    head, seal = key_id.encode() + b".", _cipher(key).encrypt
    random = secrets.token_bytes(NONCE_BYTES * len(texts))
    starts = range(0, len(random), NONCE_BYTES)
    nonces = (random[start : start + NONCE_BYTES] for start in starts)
    return [
        head + nonce + seal(nonce, text, context) if text else b""
        for nonce, text in zip(nonces, texts, strict=True)
    ]


def decrypt(sealed: bytes, *, family: str, context: bytes = b"") -> bytes:
    """Undo `encrypt`; raises `Unreadable` when key, context or bytes differ."""
    key_id, _, rest = bytes(sealed).partition(b".")
    key = named(family, key_id.decode())
    try:
        return _cipher(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], context)
    except InvalidTag:
        name = f"{family}.{key_id.decode()}"
        raise Unreadable(name) from None


def lookup_hash(value: str, *, purpose: str) -> str:
    """Return the keyed hash of a person field, for exact look-ups (AC-01).

    64 hexadecimal digits; the same value gives another hash for another purpose.
    """
    (digest,) = lookup_hashes([value], purpose=purpose)
    return digest


def lookup_hashes(values: Iterable[str], *, purpose: str) -> list[str]:
    """Return what `lookup_hash` does of each of many values."""
    _, key = newest("lookup")
    return [
        hmac.digest(key, f"{purpose}\0{value}".encode(), "sha256").hex()
        for value in values
    ]


def signing_key(key_id: str | None = None) -> tuple[str, Ed25519PrivateKey]:
    """Return `(key id, private key)`: the newest, or the one named."""
    if key_id is None:
        key_id, seed = newest("sign")
    else:
        seed = named("sign", key_id)
    return key_id, Ed25519PrivateKey.from_private_bytes(seed)


def signing_key_ids() -> list[str]:
    """Return the ids of all signing keys, oldest first."""
    return sorted(_read(str(settings.KAOWU_KEYS), "sign"))
