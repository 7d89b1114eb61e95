"""What a document says of the timetable, and whether the settings agree (G1); pure.

Not a language model: a few phrases in which such documents state a limit, in Chinese
and English. What is not understood is passed over; what is understood is quoted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from exams.domain.schedule import Schedule
from exams.models import Session

_END = "。；;.\\n"
_NEAR = f"[^{_END}]"
MINUTES: tuple[tuple[str, str], ...] = (
    (
        "login_close_after_start",
        rf"开考\s*(\d+)\s*分钟后{_NEAR}{{0,20}}不{_NEAR}{{0,12}}(?:登录|进入|参加)",
    ),
    (
        "login_close_after_start",
        rf"(\d+) minutes after the start{_NEAR}{{0,40}}(?:nobody|no longer|closed?s?)",
    ),
    ("login_open_before", rf"前\s*(\d+)\s*分钟{_NEAR}{{0,16}}登录"),
    (
        "login_open_before",
        rf"(\d+) minutes before the start{_NEAR}{{0,40}}(?:sign|log)[ -]?in",
    ),
    ("evidence_confirm_within", rf"(\d+)\s*分钟内{_NEAR}{{0,16}}(?:佐证|上传)"),
    (
        "evidence_confirm_within",
        rf"within (\d+) minutes{_NEAR}{{0,60}}(?:film|evidence|upload)",
    ),
    ("failure_report_within", rf"(\d+)\s*分钟内{_NEAR}{{0,8}}(?:联系|报告|拨打)"),
    ("failure_report_within", rf"within (\d+) minutes{_NEAR}{{0,20}}(?:call|report)"),
)
_CLOCK = r"(\d{1,2})[:：](\d{2})"
CLOCKS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("login_opens",), rf"{_CLOCK}\s*[）)]\s*用人脸"),
    (("login_opens",), rf"[Ss]ign-in opens at {_CLOCK}"),
    (
        ("entry_opens", "entry_closes"),
        rf"{_CLOCK}\s*(?:至|到|-|–|—)\s*{_CLOCK}\s*进入(?:待考|候考|等候)",
    ),
    (("login_closes",), rf"{_CLOCK}\s*后{_NEAR}{{0,6}}不{_NEAR}{{0,12}}登录"),
    (("entry_closes",), rf"[Nn]obody enters after {_CLOCK}"),
)
# The window that each clock time stands for, and the field that sets it.
FIELD_OF = {
    "login_opens": "login_open_before",
    "login_closes": "login_close_after_start",
    "entry_opens": "entry_open_before",
    "entry_closes": "entry_close_after_start",
}


@dataclass(frozen=True)
class Disagreement:
    """One phrase and the field it contradicts; `holds` is what is set, as text."""

    field: str
    quote: str
    holds: str


def disagreements(text: str, session: Session, zone: ZoneInfo) -> list[Disagreement]:
    """Return every phrase of a document that says another time than the settings."""
    plan = Schedule.of(session)
    return [*_of_minutes(text, session), *_of_clocks(text, plan, zone)]


def _of_minutes(text: str, session: Session) -> Iterator[Disagreement]:
    for field, pattern in MINUTES:
        for match in re.finditer(pattern, text):
            held = getattr(session, field)
            if int(match[1]) * 60 != held:
                yield Disagreement(field, match[0], f"{held // 60} min")


def _of_clocks(text: str, plan: Schedule, zone: ZoneInfo) -> Iterator[Disagreement]:
    for windows, pattern in CLOCKS:
        for match in re.finditer(pattern, text):
            parts = match.groups()
            for number, window in enumerate(windows):
                said = int(parts[2 * number]), int(parts[2 * number + 1])
                held: datetime = getattr(plan, window).astimezone(zone)
                if said != (held.hour, held.minute):
                    yield Disagreement(FIELD_OF[window], match[0], f"{held:%H:%M}")
