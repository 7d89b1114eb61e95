import pytest

from candidates.domain.passage import finish_stage
from candidates.models import StagePassage
from candidates.queries.platforms import ComputerNotAllowed, platform_of
from candidates.queries.standing import lease_by_digest
from candidates.queries.state import state_of
from exams.models import AuditEntry
from tests.builders.exams import before_start
from tests.builders.passages import claim, make_person, make_published_session

AT = before_start(1200)
DEVICES = {"camera": "HD", "without_headphones": True}
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/130"


@pytest.mark.parametrize(
    ("device", "platform"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130", "windows"),
        (MAC, "macos"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/130", "linux"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/130", "chromeos"),
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/130 Mobile", "mobile"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", "mobile"),
        ("Mozilla/5.0 (X11; FreeBSD amd64)", "unknown"),
        ("", "unknown"),
    ],
)
def test_platform_is_what_the_browser_reports(device, platform):
    assert platform_of(device) == platform


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("allowed", "device", "passes"),
    [
        (["windows", "macos", "linux", "chromeos"], "Linux; Android 10", True),
        (["windows", "macos"], MAC, True),
        (["windows"], MAC, False),
        (["windows"], "Linux; Android 10", False),
        (["windows"], "something new", True),
    ],
)
def test_device_stage_is_passed_on_allowed_computers_only(allowed, device, passes):
    session = make_published_session(allowed_platforms=allowed)
    lease = claim(make_person(session), device=device).lease

    if passes:
        finish_stage(lease, stage="devices", answers=DEVICES, at=AT)
    for _press in range(0 if passes else 2):
        with pytest.raises(ComputerNotAllowed, match="Windows"):
            finish_stage(lease, stage="devices", answers=DEVICES, at=AT)

    fresh = lease_by_digest(lease.token_digest)
    told = state_of(fresh, at=AT)["computer"]["why_not"]
    assert (told is None) is passes
    assert StagePassage.objects.filter(stage="devices").exists() is passes
    entries = AuditEntry.objects.filter(action="computer.refused").order_by("pk")
    assert entries.count() == (0 if passes else 1)
