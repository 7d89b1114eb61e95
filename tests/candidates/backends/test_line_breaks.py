"""Lines of Chinese: marks stay where they belong, words and numbers are whole."""

import random

import pytest

from candidates.backends.line_breaks import NOT_FIRST, NOT_LAST, lines_of


def wide(text):
    """Chinese is two wide, the rest one."""
    return float(sum(2 if one > "\u2e7f" else 1 for one in text))


def lines(text, width):
    return lines_of(text, width=width, measure=wide)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("考生应当保持安静，不得", ["考生应当保", "持安静，不", "得"]),
        ("考生保持安静。不得离开", ["考生保持安", "静。不得离", "开"]),
        ("请按照公告（见附件）执行", ["请按照公告", "（见附件）", "执行"]),
        ("请按公告（见附件）执行", ["请按公告", "（见附件）", "执行"]),
        ("考试于 09:30 开始", ["考试于", "09:30 开始"]),
        ("他说：“好！”然后", ["他说：", "“好！”然后"]),
        ("0123456789ABCDEF号", ["0123456789", "ABCDEF号"]),
        ("", [""]),
    ],
)
def test_lines_break_where_readers_expect_it(text, expected):
    assert lines(text, 10) == expected


def test_no_line_of_any_text_begins_or_ends_with_the_wrong_mark():
    chance = random.Random(7)
    words = ["考", "试生", "从A4", "在12:30", "（甲）", "《规则》", "人。", "物，"]
    for _ in range(300):
        text = "始".join(chance.choices(words, k=30))

        found = lines(text, 24)

        assert "".join(found) == text
        assert max(map(wide, found)) <= 24
        assert [line for line in found[1:] if line[0] in NOT_FIRST] == []
        assert [line for line in found[:-1] if line[-1] in NOT_LAST] == []
