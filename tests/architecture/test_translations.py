"""Chinese is complete: every marked string has its words, and the .mo has them too."""

import ast
import gettext

from django.utils import translation

from tests.architecture.catalogue import (
    Entry,
    catalogue_path,
    catalogue_text,
    entries_of,
    marked_in_python,
    marked_in_source,
    marked_in_template,
    placeholders,
)


def catalogue() -> list[Entry]:
    return [entry for entry in entries_of(catalogue_text()) if entry.text]


def flaws_of(entries: list[Entry]) -> list[str]:
    """Return what is missing, unsure, left over, or has lost a placeholder."""
    found = []
    for entry in entries:
        if entry.is_obsolete:
            found.append(f"obsolete: {entry.text}")
        elif entry.is_fuzzy:
            found.append(f"fuzzy: {entry.text}")
        elif not entry.words or not all(entry.words):
            found.append(f"missing: {entry.text}")
        elif any(placeholders(text) != _needed(entry) for text in entry.words):
            found.append(f"placeholders: {entry.text}")
    return found


def _needed(entry: Entry) -> set[str]:
    return placeholders(entry.plural or entry.text)


def test_catalogue_has_words_for_every_entry():
    assert len(catalogue()) > 500
    assert flaws_of(catalogue()) == []


def test_every_marked_string_is_in_the_catalogue():
    held = {entry.key for entry in catalogue()}
    marked = marked_in_source()

    missing = {
        key: where
        for key, where in marked.items()
        if key not in held and not is_djangos(*key)
    }
    assert len(marked) > 500
    assert missing == {}


def is_djangos(context: str, text: str) -> bool:
    """Return whether Django itself brings Chinese words for the string."""
    with translation.override("zh-hans"):
        return not context and translation.gettext(text) != text


def test_catalogue_has_no_string_twice():
    keys = [entry.key for entry in catalogue()]

    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_compiled_catalogue_is_in_step():
    with catalogue_path(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog

    expected = {}
    for entry in catalogue():
        name = f"{entry.context}\x04{entry.text}" if entry.context else entry.text
        if entry.plural:
            expected |= {(name, form): text for form, text in enumerate(entry.words)}
        else:
            expected[name] = entry.words[0]
    compiled.pop("", None)
    assert compiled == expected


def test_flaws_planted_are_found():
    planted = """
msgid ""
msgstr "Language: zh_Hans\\n"

msgid "Fine"
msgstr "好"

msgid "Nothing"
msgstr ""

#, fuzzy
msgid "Perhaps"
msgstr "也许"

msgctxt "lease"
msgid "%(n)s day"
msgid_plural "%(n)s "
"days"
msgstr[0] "天"

#~ msgid "Gone"
#~ msgstr "没了"
"""

    entries = [entry for entry in entries_of(planted) if entry.text]

    assert flaws_of(entries) == [
        "missing: Nothing",
        "fuzzy: Perhaps",
        "placeholders: %(n)s day",
        "obsolete: Gone",
    ]
    assert entries[3].plural == "%(n)s days"


def test_marked_strings_are_found_in_python_and_templates():
    python = (
        'a = _("One" " line")\nb = pgettext_lazy("x", "Two")\nc = ngettext("3", "4", n)'
    )
    template = (
        '{% load i18n %}{% translate "Five" %}{% translate "Six" context "y" %}'
        "{% blocktranslate trimmed with a=b %}\n  Seven {{ a }}\n  more{% endblocktranslate %}"
    )

    assert list(marked_in_python(ast.parse(python))) == [
        ("", "One line"),
        ("x", "Two"),
        ("", "3"),
    ]
    assert list(marked_in_template(template)) == [
        ("", "Five"),
        ("y", "Six"),
        ("", "Seven %(a)s more"),
    ]
