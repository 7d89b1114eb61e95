"""Local times: what they mean, and both readings where the clocks are changed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from exams.domain import local_times

BERLIN = ZoneInfo("Europe/Berlin")
TWICE = datetime.fromisoformat("2026-10-25T02:30")
NEVER = datetime.fromisoformat("2026-03-29T02:30")


def test_plain_time_has_one_reading():
    found = local_times.instant_of(
        datetime.fromisoformat("2030-05-20T09:00"), ZoneInfo("Asia/Shanghai"), ""
    )

    assert found == datetime(2030, 5, 20, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "code", "earlier", "later"),
    [
        (
            TWICE,
            "local_time_twice",
            "2026-10-25 02:30 UTC+02:00",
            "2026-10-25 02:30 UTC+01:00",
        ),
        (
            NEVER,
            "local_time_missing",
            "2026-03-29 01:30 UTC+01:00",
            "2026-03-29 03:30 UTC+02:00",
        ),
    ],
)
def test_unclear_time_is_refused_with_both_readings_and_can_be_chosen(
    local, code, earlier, later
):
    with pytest.raises(local_times.Refusal) as refusal:
        local_times.instant_of(local, BERLIN)

    assert refusal.value.code == code
    assert (refusal.value.facts["earlier"], refusal.value.facts["later"]) == (
        earlier,
        later,
    )
    first = local_times.instant_of(local, BERLIN, "earlier")
    second = local_times.instant_of(local, BERLIN, "later")
    assert (second - first).total_seconds() == 3600
    assert local_times.stamp(first, BERLIN) == earlier
    assert local_times.stamp(second, BERLIN) == later


def test_reading_of_a_stored_instant_is_told_only_where_there_are_two():
    first = local_times.instant_of(TWICE, BERLIN, "earlier")
    second = local_times.instant_of(TWICE, BERLIN, "later")
    plain = datetime(2026, 7, 1, tzinfo=UTC)

    found = [local_times.reading_of(at, BERLIN) for at in (first, second, plain)]

    assert found == ["earlier", "later", ""]


def test_unknown_zone_is_none():
    assert local_times.zone_named("Mars/Base") is None
    assert local_times.zone_named("../etc/passwd") is None
