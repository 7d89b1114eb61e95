"""The one envelope of every signed statement (receipts, draws, checkpoints).

Ed25519 over exactly the canonical JSON bytes of the payload; the envelope carries
these bytes in base64, so that a verifier never has to re-encode anything.
"""

import base64
import binascii
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from exams.kernel import canonical, keys
from exams.kernel.errors import Fault


class BadSeal(Fault):
    """The envelope was not signed by us, or was changed since."""


def seal(payload: dict) -> dict[str, str]:
    """Return `{payload: base64, signature: base64, key_id}` for the payload."""
    text = canonical.encode(payload)
    key_id, key = keys.signing_key()
    return {
        "payload": base64.b64encode(text).decode(),
        "signature": base64.b64encode(key.sign(text)).decode(),
        "key_id": key_id,
    }


def open_seal(envelope: dict[str, str]) -> dict:
    """Return the payload of an envelope; raises `BadSeal` when it is not ours."""
    try:
        text = base64.b64decode(envelope["payload"], validate=True)
        signature = base64.b64decode(envelope["signature"], validate=True)
        _, key = keys.signing_key(envelope["key_id"])
        key.public_key().verify(signature, text)
    except (KeyError, binascii.Error, InvalidSignature, keys.KeyMissing) as error:
        raise BadSeal from error
    return json.loads(text)


def public_keys() -> dict[str, str]:
    """Return `{key id: raw public key in base64}`, for `/integrity/keys.json`."""
    found = {}
    for key_id in keys.signing_key_ids():
        _, key = keys.signing_key(key_id)
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        found[key_id] = base64.b64encode(raw).decode()
    return found
