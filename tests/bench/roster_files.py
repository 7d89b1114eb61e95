"""The workbook that every contender reads: columns as people make them."""

from pathlib import Path
from random import Random

from openpyxl import Workbook

from tests.builders.rosters import WEIGHTS

HEADER = ("ticket_no", "name", "id_no", "phone", "email", "school", "major", "group_no")
PLANTED = 50
LETTERS = "王李张刘陈杨黄赵周吴伟芳娜秀英敏静丽强磊军洋勇艳杰"
SPOILS = ((2, "12345"), (3, "0000"), (4, "not-an-address"), (1, ""), (0, "张三"))


def write_workbook(path: Path, *, rows: int, spoil: bool = False) -> None:
    """Write so many sound people, or with `PLANTED` lines that have one bad cell."""
    random = Random(2)
    planted = set(random.sample(range(rows), PLANTED)) if spoil else set()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for number in range(rows):
        person = list(_person(number, random))
        if number in planted:
            place, text = SPOILS[number % len(SPOILS)]
            person[place] = text
        sheet.append(person)
    book.save(path)


def _person(number: int, random: Random) -> tuple:
    place = 110000 + number % 9999
    birth = f"{random.randint(1985, 2005)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
    body = f"{place}{birth}{number // 9999:03}"
    total = sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True))
    return (
        f"2026{number:08}",
        "".join(random.choice(LETTERS) for _ in range(3)),
        body + "10X98765432"[total % 11],
        f"13{random.randint(100_000_000, 999_999_999)}",
        f"cand{number}@example.org",
        f"第{number % 300}大学",
        f"专业{number % 97}",
        number // 200 + 1,
    )
