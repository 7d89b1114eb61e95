"""The arithmetic of the draw: bytes in, numbers out.

Owns the protocol `kaowu/draw/1` as functions without database, clock or randomness;
`docs/protocol/draw.md` is its norm and `tests/vectors/draw.json` its examples. Writes
nothing, and never learns who an attempt belongs to.
"""

import hashlib
import hmac

from exams.kernel import canonical

SEED_BYTES = 32
NONCE_BYTES = 16
PROTOCOL = "kaowu/draw/1"

_COMMIT = b"kaowu/draw/1"
_AUTO = b"kaowu/draw/1/auto"
_INDEX = b"kaowu/draw/1/index"
_HASH_BITS = 256


def roster_hash(session: str, roster: list[str]) -> str:
    """Return R, 64 hexadecimal digits, over the session's code and sorted codes."""
    body = {"attempts": sorted(roster), "session": session}
    return hashlib.sha256(canonical.encode(body)).hexdigest()


def commitment(seed: bytes, roster_digest: str) -> str:
    """Return C, 64 hexadecimal digits: what is published before the first draw."""
    return hashlib.sha256(_COMMIT + seed + bytes.fromhex(roster_digest)).hexdigest()


def auto_nonce(committed: str, attempt: str) -> str:
    """Return the nonce (64 hexadecimal digits) of an attempt that did not draw.

    It is longer than a candidate's (32), so neither can pass for the other.
    """
    return hashlib.sha256(
        _AUTO + bytes.fromhex(committed) + attempt.encode("ascii")
    ).hexdigest()


def pick_index(
    seed: bytes, *, position: int, attempt: str, nonce: str, count: int
) -> int:
    """Return an index in `range(count)`, exactly uniform over the seeds.

    The leading bits of HMAC-SHA256 are taken, as many as `count - 1` has; a value
    that is too large is thrown away and the counter raised, never folded back.
    """
    bits = (count - 1).bit_length()
    code, mixed = attempt.encode("ascii"), bytes.fromhex(nonce)
    message = (
        _INDEX
        + position.to_bytes(4, "big")
        + len(code).to_bytes(1, "big")
        + code
        + len(mixed).to_bytes(1, "big")
        + mixed
    )
    counter = 0
    while True:
        block = hmac.digest(seed, message + counter.to_bytes(4, "big"), "sha256")
        value = int.from_bytes(block, "big") >> (_HASH_BITS - bits)
        if value < count:
            return value
        counter += 1


def numbers_left(size: int, taken: set[int]) -> list[int]:
    """Return the numbers 1..size that nobody has, ascending."""
    return [number for number in range(1, size + 1) if number not in taken]


def deal(
    seed: bytes, left: list[int], *, position: int, attempt: str, nonce: str
) -> int:
    """Take one number out of `left` (sorted, not empty) and return it."""
    index = pick_index(
        seed, position=position, attempt=attempt, nonce=nonce, count=len(left)
    )
    return left.pop(index)


def find_faults(transcript: dict) -> list[str]:
    """Recompute a closed transcript; return what does not hold, empty when all does.

    Checks arithmetic only; the signatures are checked with the published keys. A
    transcript that lacks a member or has one of another type yields one sentence.
    """
    try:
        if transcript["seed"] is None:
            return ["the draw is not closed: the seed is not revealed yet"]
        return [
            *_faults_of_commitment(transcript),
            *_faults_of_numbers(transcript),
            *_faults_of_late(transcript),
        ]
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        return [f"the transcript has the wrong shape: {error!r}"]


def _faults_of_commitment(transcript: dict) -> list[str]:
    faults = []
    roster, seed = transcript["roster"], bytes.fromhex(transcript["seed"])
    if transcript["protocol"] != PROTOCOL:
        faults.append("the protocol is not " + PROTOCOL)
    if len(seed) != SEED_BYTES:
        faults.append("the seed has not 32 bytes")
    if roster != sorted(set(roster)):
        faults.append("the roster is not sorted, or names an attempt twice")
    if roster_hash(transcript["session"], roster) != transcript["roster_hash"]:
        faults.append("the roster does not have the published hash")
    if commitment(seed, transcript["roster_hash"]) != transcript["commitment"]:
        faults.append("seed and roster do not have the published commitment")
    return faults


def _faults_of_numbers(transcript: dict) -> list[str]:
    faults = []
    roster, rows = transcript["roster"], transcript["numbers"]
    seed = bytes.fromhex(transcript["seed"])
    left = list(range(1, len(roster) + 1))
    undrawn = transcript.get("undrawn", [])
    if sorted([*(row["attempt"] for row in rows), *undrawn]) != roster:
        return ["the numbers do not cover the roster, each attempt once"]
    for place, row in enumerate(rows, start=1):
        if row["position"] != place:
            faults.append(f"position {place} is missing or out of order")
        number = deal(
            seed,
            left,
            position=place,
            attempt=row["attempt"],
            nonce=row["nonce"],
        )
        if row["number"] != number:
            faults.append(f"position {place} gives {number}, not {row['number']}")
        if not _has_honest_nonce(row, transcript["commitment"]):
            faults.append(f"position {place} has a nonce that its origin forbids")
    return [*faults, *_faults_of_order(rows, undrawn)]


def _faults_of_order(rows: list[dict], undrawn: list[str]) -> list[str]:
    """Who did not draw comes last: all by the system, or some by the helpdesk."""
    origins = [row["origin"] for row in rows]
    by_hand = [origin for origin in origins if origin == "candidate"]
    rest, auto = origins[len(by_hand) :], "auto" in origins
    codes = [row["attempt"] for row in rows if row["origin"] == "auto"]
    if "candidate" in rest or codes != sorted(codes):
        return ["the rest was not dealt last and in roster order"]
    if auto and ("helped" in rest or undrawn):
        return ["a draw that deals the rest leaves nobody to the helpdesk"]
    return []


def _faults_of_late(transcript: dict) -> list[str]:
    faults = []
    size, known = len(transcript["roster"]), set(transcript["roster"])
    for place, row in enumerate(transcript["late"], start=size + 1):
        if (row["position"], row["number"], row["origin"]) != (place, place, "late"):
            faults.append(f"late position {place} does not carry its own number")
        if row["nonce"] != auto_nonce(transcript["commitment"], row["attempt"]):
            faults.append(f"late position {place} has a nonce that its origin forbids")
        if row["attempt"] in known:
            faults.append(f"late position {place} names an attempt twice")
        known.add(row["attempt"])
    return faults


def _has_honest_nonce(row: dict, committed: str) -> bool:
    if row["origin"] in ("auto", "helped"):
        return row["nonce"] == auto_nonce(committed, row["attempt"])
    return row["origin"] == "candidate" and is_nonce(row["nonce"])


def is_nonce(text: str) -> bool:
    """Return whether the text is a candidate's nonce: 32 lower-case hex digits."""
    return len(text) == 2 * NONCE_BYTES and set(text) <= set("0123456789abcdef")
