"""The real models on real portraits: the plumbing, not an error rate."""

import io

import pytest
from PIL import Image, ImageFilter, ImageOps

from candidates.backends.faces.dlib_faces import NETWORK, POINTS, DlibFaces
from candidates.domain.face_login import answer_challenge
from candidates.models import Candidate, CheckIn
from tests.builders.faces import AT, at_door, challenge
from tests.needs import FACES

BACKEND = DlibFaces()


def picture(name, change=lambda image: image, *, width=640):
    image = Image.open(FACES / name).convert("RGB")
    image.thumbnail((width, width * 2))
    buffer = io.BytesIO()
    change(image).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


# Looks ahead in `obama.jpg`, and to the own right in `obama2.jpg`.
AHEAD, RIGHT = picture("obama.jpg"), picture("obama2.jpg")
LEFT = picture("obama2.jpg", ImageOps.mirror)


@pytest.fixture
def _dlib(settings, tmp_path):
    settings.FACE_BACKEND = "dlib"
    settings.MEDIA_ROOT = tmp_path


def answered(frames, *, photo):
    check = challenge(at_door(photo=photo))
    return answer_challenge(check, frames=[frames[step] for step in check.steps], at=AT)


def test_only_models_of_the_public_domain_are_opened():
    assert "68" not in POINTS + NETWORK


def test_one_person_is_near_and_another_far():
    ahead, right = BACKEND.analyse(AHEAD), BACKEND.analyse(RIGHT)
    other = BACKEND.analyse(picture("biden.jpg"))

    assert BACKEND.compare(ahead.embedding, right.embedding) < 0.45
    assert BACKEND.compare(ahead.embedding, other.embedding) > 0.6
    assert BACKEND.compare(right.embedding, other.embedding) > 0.6


def test_face_has_a_box_light_sharpness_and_a_nose_that_turns():
    ahead, right, left = (BACKEND.analyse(one) for one in (AHEAD, RIGHT, LEFT))

    assert ahead.faces[0].size > 80
    assert 40 < ahead.light < 235
    assert ahead.sharpness > 100
    assert right.faces[0].nose + 0.08 < ahead.faces[0].nose
    assert ahead.faces[0].nose + 0.08 < left.faces[0].nose


def test_blurred_picture_is_told_from_a_sharp_one():
    blurred = picture(
        "obama.jpg", lambda image: image.filter(ImageFilter.GaussianBlur(9))
    )

    assert BACKEND.analyse(blurred).sharpness < 15


def test_two_people_have_no_embedding_and_an_empty_wall_has_no_face():
    two = BACKEND.analyse(picture("two_people.jpg", width=800))
    wall = picture("obama.jpg", lambda image: Image.new("RGB", image.size, "grey"))

    assert (len(two.faces), two.embedding) == (2, None)
    assert BACKEND.analyse(wall).faces == ()


@pytest.mark.django_db
@pytest.mark.usefixtures("_dlib")
def test_person_of_the_roster_photo_passes():
    check = answered(
        {"left": LEFT, "centre": AHEAD, "right": RIGHT}, photo=picture("obama2.jpg")
    )

    assert (check.state, check.reasons) == ("passed", [])
    assert (check.backend, check.version[:6]) == ("dlib", "20.0.1")


@pytest.mark.django_db
@pytest.mark.usefixtures("_dlib")
def test_another_person_of_the_roster_fails():
    check = answered(
        {"left": LEFT, "centre": AHEAD, "right": RIGHT}, photo=picture("biden.jpg")
    )

    assert (check.state, check.reasons) == ("failed", ["other_person"])
    assert Candidate.objects.get().photo
    assert not CheckIn.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("_dlib")
def test_still_picture_held_up_fails_by_its_movement():
    check = answered(dict.fromkeys(("left", "centre", "right"), AHEAD), photo=AHEAD)

    assert (check.state, check.reasons) == ("failed", ["movement"])


@pytest.mark.django_db
@pytest.mark.usefixtures("_dlib")
def test_second_face_fails():
    two = picture("two_people.jpg", width=800)

    check = answered({"left": LEFT, "centre": two, "right": RIGHT}, photo=AHEAD)

    assert (check.state, check.reasons) == ("failed", ["second_face"])
