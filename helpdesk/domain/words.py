"""What people and browsers may send, within bounds. Owns no row."""

from exams.kernel.errors import BadInput

MAX_TEXT = 1000
MAX_VALUE = 200
# What a page may tell of itself; everything else is refused, a name above all.
DIAGNOSTICS: dict[str, type] = {
    "page": str,
    "stage": str,
    "browser": str,
    "network": str,
    "camera": str,
    "screen": str,
    "pending": int,
    "clock_off_ms": int,
}


def clean_text(text: object, *, limit: int = MAX_TEXT, empty: bool = False) -> str:
    """Return the text without surrounding space; raises `BadInput`.

    Refuses what no database column takes: NUL, and halves of a surrogate pair.
    """
    if not isinstance(text, str):
        raise BadInput(reason="text")
    text = text.strip()
    if not _is_storable(text) or len(text) > limit or not (text or empty):
        raise BadInput(reason=f"text: 1..{limit}")
    return text


def clean_diagnostics(facts: object) -> dict:
    """Return `{name: value}` of known names; raises `BadInput` for anything else."""
    if facts is None:
        return {}
    if not isinstance(facts, dict):
        raise BadInput(reason="diagnostics")
    for name, value in facts.items():
        sound = type(value) is DIAGNOSTICS.get(name)
        if sound and isinstance(value, str):
            sound = len(value) <= MAX_VALUE and _is_storable(value)
        elif sound:
            sound = abs(value) <= 2**53
        if not sound:
            raise BadInput(reason="diagnostics")
    return facts


def _is_storable(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
