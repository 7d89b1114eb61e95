"""Strings that would give a person away, and every coding they could hide in."""

import base64
import html
import json
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

LEAST_BASE64 = 8


@dataclass(frozen=True)
class Canary:
    """One fact that must not be seen: what it is, and its text."""

    kind: str
    text: str


@cache
def codings_of(text: str) -> dict[str, bytes]:
    """Return the ways in which a careless page, header or file would carry it."""
    raw = text.encode()
    everywhere = "".join(f"%{byte:02X}" for byte in raw)
    escapes = "".join(f"\\u{ord(letter):04x}" for letter in text)
    found = {
        "raw": raw,
        "latin": raw.decode("latin-1").encode(),
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "percent": quote(text, safe="").encode(),
        "percent-lower": quote(text, safe="").lower().encode(),
        "percent-all": everywhere.encode(),
        "percent-all-lower": everywhere.lower().encode(),
        "hex": raw.hex().encode(),
        "hex-upper": raw.hex().upper().encode(),
        "html": html.escape(text).encode(),
        "entity-decimal": "".join(f"&#{ord(letter)};" for letter in text).encode(),
        "entity-hex": "".join(f"&#x{ord(letter):x};" for letter in text).encode(),
        "json": json.dumps(text)[1:-1].encode(),
        "unicode-escape": escapes.encode(),
        "reversed": text[::-1].encode(),
    }
    for shift in range(3):
        for name, core in _base64_cores(raw, shift).items():
            if len(core) >= LEAST_BASE64:
                found[f"{name}-{shift}"] = core
    return found


def leaks_in(haystack: bytes, canaries: list[Canary]) -> list[tuple[str, str]]:
    """Return `(kind, coding)` of every canary that is in the bytes."""
    return [
        (canary.kind, coding)
        for canary in canaries
        for coding, needle in codings_of(canary.text).items()
        if needle in haystack
    ]


def _base64_cores(raw: bytes, shift: int) -> dict[str, bytes]:
    # Inside longer data the text may start at any of three places of a group; only
    # the letters that depend on nothing but the text are looked for.
    padded = bytes(shift) + raw
    first = (shift * 8 + 5) // 6
    last = len(padded) * 8 // 6
    return {
        "base64": base64.b64encode(padded)[first:last],
        "base64url": base64.urlsafe_b64encode(padded)[first:last],
    }
