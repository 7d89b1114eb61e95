"""What a letter says: placeholders by name, values as plain text."""

import pytest

from candidates.domain.mail_texts import (
    PLACEHOLDERS,
    LineBreak,
    LooseBrace,
    UnknownPlaceholder,
    check,
    check_subject,
    fill,
    fill_subject,
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Dear {nmae}, {x}", "{nmae}, {x}"),
        ("{name.__class__}", "{name.__class__}"),
        ("{name!r} {}", "{name!r}, {}"),
        ("{ name }", "{ name }"),
        ("{{ name }}", "{ name }"),
    ],
)
def test_placeholder_that_does_not_exist_is_refused_by_name(text, named):
    with pytest.raises(UnknownPlaceholder) as refused:
        check(text)

    assert refused.value.facts == {"names": named}


def test_loose_braces_and_subjects_of_two_lines_are_refused():
    for text in ("{name", "name}", "{name}}", "}{"):
        with pytest.raises(LooseBrace):
            check(text)
    with pytest.raises(LineBreak):
        check_subject("a\nBcc: everybody@example.org")
    assert check("{% if name %}{name}".replace("{%", "%").replace("%}", "%"))


def test_what_a_value_brings_is_text_and_no_header():
    values = dict.fromkeys(PLACEHOLDERS, "{room}\nBcc: x@example.org")

    assert fill("{name}", values) == "{room}\nBcc: x@example.org"
    assert fill_subject("{name}", values) == "{room} Bcc: x@example.org"
