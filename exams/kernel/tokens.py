"""Random names and short-lived keyed tokens.

Edge tokens are checked on the hot path without a database: an HMAC over
`{key id, audience, claims, expiry}` under the `lookup` key.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

from exams.kernel import canonical, clock, keys
from exams.kernel.errors import Refusal

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no look-alikes: i l o 0 1
# A random byte to a letter; bytes beyond the last whole round of letters are dropped,
# so that every letter is as likely.
_ROUND = 256 - 256 % len(ALPHABET)
_LETTERS = (ALPHABET * (256 // len(ALPHABET) + 1))[:256].encode()
_DROPPED = bytes(range(_ROUND, 256))


class BadToken(Refusal):
    """The token is missing, forged, of another audience, or too old."""

    code = "bad_token"
    status = 401


def random_code(length: int = 16) -> str:
    """Return an unguessable name without look-alike letters (5 bits a letter)."""
    letters = b""
    while len(letters) < length:
        letters += secrets.token_bytes(length + 8).translate(_LETTERS, _DROPPED)
    return letters[:length].decode()


def digest(token: str) -> str:
    """Return the SHA-256 of a secret, the only form in which it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue(audience: str, claims: dict, *, at: datetime, lifetime: timedelta) -> str:
    """Return `body.signature` in URL-safe base64; `claims` must be canonical JSON."""
    key_id, key = keys.newest("lookup")
    expires = clock.milliseconds(at + lifetime)
    body = _pack(
        canonical.encode(
            {"aud": audience, "claims": claims, "exp": expires, "kid": key_id}
        )
    )
    return f"{body}.{_pack(_mac(key, body))}"


def check(token: str, *, audience: str, at: datetime) -> dict:
    """Return the claims of a token; raises `BadToken`."""
    body, _, signature = token.partition(".")
    try:
        packet = json.loads(_unpack(body))
        key = keys.named("lookup", packet["kid"])
        if not hmac.compare_digest(_pack(_mac(key, body)), signature):
            raise BadToken
        if packet["aud"] != audience or packet["exp"] <= clock.milliseconds(at):
            raise BadToken
    except (ValueError, KeyError, TypeError, binascii.Error, keys.KeyMissing):
        raise BadToken from None
    return packet["claims"]


def _mac(key: bytes, body: str) -> bytes:
    return hmac.new(key, b"kaowu/token/1\0" + body.encode(), hashlib.sha256).digest()


def _pack(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpack(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
