"""The way home while recordings are on their way, and the recorded way out (R72)."""

import pytest

from candidates.domain.leaving import leave_upload
from candidates.models import Observation
from candidates.queries.rights import LeaseLost, NotOver
from candidates.queries.uploading import is_home_locked
from exams.kernel.errors import BadInput
from exams.models import AuditEntry
from proctoring.models import Incident
from tests.builders.candidates import make_lease, make_recording
from tests.builders.exams import after_start
from tests.builders.passages import COOKIE, make_person, make_published_session

pytestmark = pytest.mark.django_db
AT = after_start(1300)


def ended(*, state="submitted", lease="active", recording="open", **columns):
    attempt = make_person(make_published_session(**columns), state=state)
    make_recording(attempt, stream="camera", state="sealed")
    make_recording(attempt, stream="screen", state=recording)
    return make_lease(attempt, token=COOKIE, state=lease)


def home_of(lease):
    return f"/p/{lease.attempt.session.project.slug}/home/"


@pytest.mark.parametrize(
    ("how", "locked"),
    [
        ({}, True),
        ({"state": "entered"}, True),
        ({"recording": "sealed"}, False),
        ({"lease": "superseded"}, False),
        ({"upload_lock_home": False}, False),
        ({"kind": "mock"}, False),
        ({"upload_cap": 60}, False),
    ],
)
def test_home_is_locked_while_a_recording_is_missing(how, locked):
    assert is_home_locked(ended(**how), at=AT) is locked


def test_home_and_result_lead_to_the_upload_until_it_is_left(page, at_time):
    lease = ended()
    exam = f"/exam/{lease.attempt.code}/"
    at_time(AT)

    ways = [page.get(path) for path in (home_of(lease), exam.replace("exam", "result"))]
    assert [way.headers["Location"] for way in ways] == [exam, exam]
    state = page.post(
        "/api/v1/attempts/me/upload-leave",
        {"how": "confirmed"},
        content_type="application/json",
    )

    assert state.json()["home_locked"] is False
    assert "data-uploading" in page.get(home_of(lease)).content.decode()


def test_home_that_is_not_locked_says_that_the_upload_goes_on(page, at_time):
    lease = ended(upload_lock_home=False)
    at_time(AT)

    assert "data-uploading" in page.get(home_of(lease)).content.decode()


def test_leaving_is_recorded_once_and_is_no_incident(
    django_capture_on_commit_callbacks,
):
    lease = ended()

    with django_capture_on_commit_callbacks(execute=True):
        leave_upload(lease, how="saved", at=AT)
        leave_upload(lease, how="confirmed", at=AT)

    assert Observation.objects.get().facts == {"how": "saved"}
    assert AuditEntry.objects.get(action="upload.left").facts == {"how": "saved"}
    assert not Incident.objects.exists()
    assert not is_home_locked(lease, at=AT)


@pytest.mark.parametrize(
    ("how", "said", "refusal"),
    [
        ({}, "bored", BadInput),
        ({"lease": "superseded"}, "saved", LeaseLost),
        ({"state": "checked_in"}, "saved", NotOver),
    ],
)
def test_leaving_in_vain_is_refused(how, said, refusal):
    with pytest.raises(refusal):
        leave_upload(ended(**how), how=said, at=AT)

    assert not Observation.objects.exists()
