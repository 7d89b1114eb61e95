"""Local times that people type, and the instants they mean; pure.

Where the clocks are changed, a local time is there twice or not at all. Neither is
guessed: both readings are named and a person chooses.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext_lazy as _

from exams.enums import LocalReading
from exams.kernel.errors import Refusal


class LocalTimeTwice(Refusal):
    """The clocks go back: the time is there twice. Facts: `local`, both readings."""

    code = "local_time_twice"
    status = 422
    message = _(
        "%(local)s is there twice in %(zone)s, because the clocks go back. It is "
        "either %(earlier)s or %(later)s. Choose one of them."
    )


class LocalTimeMissing(Refusal):
    """The clocks go forward over it. Facts: `local`, `earlier`, `later`, `zone`."""

    code = "local_time_missing"
    status = 422
    message = _(
        "%(local)s does not exist in %(zone)s, because the clocks go forward. It is "
        "read as %(earlier)s or as %(later)s. Choose one of them, or another time."
    )


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone of that name, `None` when the zone database lacks it."""
    return ZoneInfo(name) if name in available_timezones() else None


def readings_of(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return what a naive local time may mean, in UTC: one instant, or two in order."""
    meant = {
        local.replace(tzinfo=zone, fold=fold).astimezone(UTC).replace(fold=0)
        for fold in (0, 1)
    }
    return sorted(meant)


def instant_of(local: datetime, zone: ZoneInfo, reading: str = "") -> datetime:
    """Return the instant in UTC that a naive local time means in the zone.

    `reading` is a `LocalReading` and decides where there are two; without it raises
    `LocalTimeTwice` or `LocalTimeMissing` with both readings.
    """
    meant = readings_of(local, zone)
    if len(meant) == 1 or reading == LocalReading.EARLIER:
        return meant[0]
    if reading == LocalReading.LATER:
        return meant[1]
    exists = meant[0].astimezone(zone).replace(tzinfo=None) == local
    refusal = LocalTimeTwice if exists else LocalTimeMissing
    raise refusal(
        local=f"{local:%Y-%m-%d %H:%M}",
        zone=zone.key,
        earlier=stamp(meant[0], zone),
        later=stamp(meant[1], zone),
    )


def reading_of(at: datetime, zone: ZoneInfo) -> str:
    """Return which reading of its own local time an instant is; "" if there is one."""
    meant = readings_of(at.astimezone(zone).replace(tzinfo=None, fold=0), zone)
    if len(meant) == 1:
        return ""
    return str(LocalReading.EARLIER if at == meant[0] else LocalReading.LATER)


def stamp(at: datetime, zone: ZoneInfo) -> str:
    """Return date, time and offset, e.g. `2026-10-25 02:30 UTC+01:00`."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {offset_of(at, zone)}"


def offset_of(at: datetime, zone: ZoneInfo) -> str:
    """Return the zone's offset at an instant, e.g. `UTC+08:00`."""
    text = f"{at.astimezone(zone):%z}"
    return f"UTC{text[:3]}:{text[3:5]}"
