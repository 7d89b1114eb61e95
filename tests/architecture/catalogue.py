"""Reads a gettext catalogue and the strings that the source marks for it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.utils.translation.template import templatize

from tests.architecture.source import ROOT, python_files, tree_of

KEYWORD = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$')
PLACEHOLDER = re.compile(r"%\(\w+\)s|%[sd]|\{\w*\}")
MARKS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, 0)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0)),
    **dict.fromkeys(("pgettext", "pgettext_lazy", "npgettext"), (0, 1)),
}
TEXT = r"""u?"(?:\\.|[^"\\])*"|u?'(?:\\.|[^'\\])*'"""
IN_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\(((?:{TEXT}|[^'\"()])*)\)", re.DOTALL)
Key = tuple[str, str]


@dataclass
class Entry:
    """One pair; `words` are its msgstr, several for a plural."""

    context: str = ""
    text: str = ""
    plural: str = ""
    words: list[str] = field(default_factory=list)
    is_fuzzy: bool = False
    is_obsolete: bool = False

    @property
    def key(self) -> Key:
        return self.context, self.text


def entries_of(po: str) -> list[Entry]:
    """Return every entry of a .po file, its header (of the empty text) included."""
    return [entry for block in re.split(r"\n\s*\n", po) if (entry := _entry(block))]


def _entry(block: str) -> Entry | None:
    entry, parts, name = Entry(), {}, ""
    for line in block.splitlines():
        plain = line.removeprefix("#~ ").strip()
        entry.is_obsolete |= line.startswith("#~")
        entry.is_fuzzy |= line.startswith("#,") and "fuzzy" in line
        if found := KEYWORD.match(plain):
            name = found[1]
            parts[name] = ast.literal_eval(found[2])
        elif plain.startswith('"') and name:
            parts[name] += ast.literal_eval(plain)
    if "msgid" not in parts:
        return None
    entry.context = parts.get("msgctxt", "")
    entry.text, entry.plural = parts["msgid"], parts.get("msgid_plural", "")
    entry.words = [text for key, text in parts.items() if key.startswith("msgstr")]
    return entry


def marked_in_source() -> dict[Key, str]:
    """Return every string that Python and templates mark, with a file that does."""
    found: dict[Key, str] = {}
    for path in python_files():
        for key in marked_in_python(tree_of(path)):
            found.setdefault(key, path.relative_to(ROOT).as_posix())
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for key in marked_in_template(path.read_text("utf-8")):
            found.setdefault(key, path.relative_to(ROOT).as_posix())
    return found


def marked_in_python(tree: ast.AST) -> Iterator[Key]:
    for node in ast.walk(tree):
        name = getattr(getattr(node, "func", None), "id", "")
        if not isinstance(node, ast.Call) or name not in MARKS:
            continue
        context, text = MARKS[name]
        values = [getattr(one, "value", None) for one in node.args]
        if isinstance(values[text], str):
            yield (values[context] if context is not None else "", values[text])


def marked_in_template(source: str) -> Iterator[Key]:
    for name, arguments in IN_TEMPLATE.findall(templatize(source)):
        yield from marked_in_python(ast.parse(f"{name}({arguments})"))


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


@cache
def catalogue_text() -> str:
    return catalogue_path(".po").read_text("utf-8")


def catalogue_path(suffix: str) -> Path:
    folder = ROOT / "config" / "locale" / "zh_Hans" / "LC_MESSAGES"
    return folder / f"django{suffix}"
