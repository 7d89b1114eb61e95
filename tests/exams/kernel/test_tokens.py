from datetime import UTC, datetime, timedelta
from string import ascii_letters, digits

import pytest

from exams.kernel import tokens

AT = datetime(2027, 4, 27, tzinfo=UTC)
HOUR = timedelta(hours=1)
MS = timedelta(milliseconds=1)


def issue(audience="edge"):
    return tokens.issue(audience, {"a": "abc", "e": 1}, at=AT, lifetime=HOUR)


def test_token_inside_its_life_gives_its_claims():
    token = issue()

    claims = [
        tokens.check(token, audience="edge", at=at) for at in (AT, AT + HOUR - MS)
    ]

    assert claims == [{"a": "abc", "e": 1}] * 2


@pytest.mark.parametrize(
    ("token", "audience", "at"),
    [
        (issue, "edge", AT + HOUR),
        (issue, "other", AT),
        (lambda: "x" + issue(), "edge", AT),
        (lambda: "", "edge", AT),
        (lambda: "a.b", "edge", AT),
        (lambda: "考.务", "edge", AT),
    ],
)
def test_token_old_foreign_or_forged_is_refused(token, audience, at):
    with pytest.raises(tokens.BadToken):
        tokens.check(token(), audience=audience, at=at)


def test_signature_with_any_other_last_letter_is_refused():
    token = issue()
    others = set(ascii_letters + digits + "-_") - {token[-1]}

    for letter in others:
        with pytest.raises(tokens.BadToken):
            tokens.check(token[:-1] + letter, audience="edge", at=AT)


def test_random_codes_have_no_look_alikes_and_differ():
    codes = {tokens.random_code() for _ in range(500)}

    assert len(codes) == 500
    assert set("".join(codes)).isdisjoint("ilo01")
