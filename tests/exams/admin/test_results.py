"""Results in the admin: as computed, with their arithmetic in lines."""

from decimal import Decimal

import pytest
from django.urls import reverse

from exams.domain.aggregate import Rule, aggregate
from exams.models import Result
from tests.builders.exams import START, make_attempt, make_session

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def result(db):
    marks = [[Decimal(80)], [Decimal("81.25")], [Decimal(90)], [Decimal(70)]]
    working = aggregate(marks, Rule(1, 1, (Decimal(1),))).working
    return Result.objects.create(
        attempt=make_attempt(make_session(decimals=2)),
        value=Decimal(working["value"]),
        working=working,
        computed_at=START,
    )


def test_list_shows_the_decimals_of_the_rule(client, boss, result):
    page = client.get(reverse("admin:exams_result_changelist"), headers=ENGLISH)

    text = page.content.decode()
    assert ">80.63<" in text
    assert "80.6300" not in text


def test_working_is_told_in_lines_and_not_as_stored(client, boss, result):
    url = reverse("admin:exams_result_change", args=[result.pk])

    text = client.get(url, headers=ENGLISH).content.decode()

    assert "<li>80.00 + 81.25 = 161.25</li>" in text
    assert "<li>161.25 ÷ 2 → 80.63</li>" in text
    assert "(highest, dropped)" in text
    assert "&quot;" not in text.partition('class="k-working"')[2].partition("</ul>")[0]


def test_dates_are_of_the_24_hour_clock_in_english(client, boss, result):
    page = client.get(reverse("admin:exams_result_changelist"), headers=ENGLISH)

    assert "20 May 2030, 09:00" in page.content.decode()
    assert "a.m." not in page.content.decode()


def test_chinese_title_has_no_blank_before_the_thing(client, boss, result):
    url = reverse("admin:exams_result_change", args=[result.pk])

    page = client.get(url, headers={"accept-language": "zh-hans"})

    assert "查看 " not in str(page.context["title"])
