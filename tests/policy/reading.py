"""What a person reads or hears on a page, and the Latin words in it."""

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# Attributes that are shown or spoken; `data-*` ones hold words for scripts.
SPOKEN = {"aria-label", "aria-description", "placeholder", "alt", "title"}
UNREAD = {"style", "svg", "code", "kbd", "pre"}
VOID = {
    "input",
    "img",
    "br",
    "hr",
    "meta",
    "link",
    "use",
    "source",
    "path",
    "col",
    "wbr",
}
# A Chinese text keeps these: names of formats and units, and codes.
KEPT = {
    *(
        "JPEG",
        "PNG",
        "PDF",
        "MB",
        "GB",
        "KB",
        "CSV",
        "UTC",
        "QR",
        "ID",
        "SHA",
        "UTF",
        "GBK",
    ),
    *(
        "xlsx",
        "csv",
        "txt",
        "zip",
        "jpg",
        "s",
        "ms",
        "min",
        "FAQ",
        "USB",
        "Wi",
        "Fi",
        "WebM",
        "MP4",
    ),
    *("PDF", "Linux", "ChromeOS"),
    *("Chrome", "Edge", "Firefox", "Safari", "Argon2", "argon2id", "Asia", "Shanghai"),
    *(
        "ManagementForm",
        "LDAP",
        "QQ",
        "https",
        "X",
        "English",
        "IP",
        "PIN",
        "URL",
        "Windows",
        "macOS",
        "Ctrl",
        "Esc",
        "Enter",
    ),
}
WORD = re.compile(r"[A-Za-z][A-Za-z'’]*[A-Za-z]|(?<![A-Za-z])[A-Za-z](?![A-Za-z])")
# Codes, addresses, types and digests are nobody's language.
CODE = re.compile(
    r"\{\w+\}|%\(\w+\)s|\S*[/@\\_#]\S*|\b[\w-]*\d[\w.:-]*\b|\S+\.\w{2,5}\b|\w+:\w\S*"
)


@dataclass
class Reading(HTMLParser):
    """Collects `(where, text)` of one page in the order of reading."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    _open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        foreign = values.get("lang", "zh-hans").lower().startswith("en")
        hidden = foreign or (bool(self._open) and self._open[-1][1])
        if not hidden:
            self.texts += [
                (f"{tag}[{name}]", value)
                for name, value in attrs
                if value and (name in SPOKEN or self._is_value(tag, name, values))
            ]
        if tag not in VOID:
            self._open.append((tag, hidden))

    def handle_endtag(self, tag):
        while self._open:
            name, _hidden = self._open.pop()
            if name == tag:
                break

    def handle_data(self, data):
        tag, hidden = self._open[-1] if self._open else ("", False)
        if hidden or any(name in UNREAD for name, _hidden in self._open):
            return
        if tag == "script":
            # Only JSON is inline: what a page hands to its scripts.
            self.texts += [("script", text) for text in sentences_of(data)]
        elif data.strip():
            self.texts.append((tag, " ".join(data.split())))

    @staticmethod
    def _is_value(tag: str, name: str, values: dict) -> bool:
        button = values.get("type") in ("submit", "button", "reset")
        return tag == "input" and name == "value" and button


def sentences_of(data: str) -> list[str]:
    """Return the sentences in a JSON text."""
    return _sentences(json.loads(data)) if data.strip() else []


def _sentences(words: object) -> list[str]:
    if isinstance(words, dict):
        return [text for value in words.values() for text in _sentences(value)]
    if isinstance(words, list):
        return [text for value in words for text in _sentences(value)]
    # A sentence has a blank; a bare word is a state or a key.
    return [words] if isinstance(words, str) and " " in words.strip() else []


def latin_words(html: str, *, typed: frozenset[str] = frozenset()) -> list[str]:
    """Return `where: text` of every text with a Latin word that is not kept.

    `typed` are texts that people typed: names of accounts, files and the like.
    """
    reading = Reading()
    reading.feed(html)
    return latin_in(reading.texts, typed=typed)


def latin_in(
    texts: list[tuple[str, str]], *, typed: frozenset[str] = frozenset()
) -> list[str]:
    found = []
    for where, text in texts:
        rest = text
        for one in sorted(typed, key=len, reverse=True):
            # Behind a colon it is part of a reference, which `CODE` takes whole.
            rest = re.sub(f"(?<!:){re.escape(one)}", " ", rest)
        words = set(WORD.findall(CODE.sub(" ", rest))) - KEPT
        if words:
            found.append(f"{where}: {text}")
    return found
