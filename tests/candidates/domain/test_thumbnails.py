import io

import pytest
from PIL import Image

from candidates.domain.photos import BadPhoto, PhotoTooLarge
from candidates.domain.thumbnails import (
    read_thumbnail,
    store_thumbnail,
    thumbnail_version,
)
from exams.kernel.clock import milliseconds
from exams.kernel.errors import BadInput
from tests.builders.exams import after_start, make_attempt

pytestmark = pytest.mark.django_db


def jpeg(colour="red", size=(320, 240), kind="JPEG"):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def test_newest_picture_replaces_the_one_before_and_tells_its_version(tmp_path):
    attempt = make_attempt()
    store_thumbnail(attempt, "camera", jpeg("red"), at=after_start(1))

    version = store_thumbnail(attempt, "camera", jpeg("blue"), at=after_start(4))

    assert read_thumbnail(attempt.code, "camera") == jpeg("blue")
    assert version == milliseconds(after_start(4))
    assert thumbnail_version(attempt.code, "camera") == version


def test_stream_without_a_picture_has_none():
    attempt = make_attempt()

    assert read_thumbnail(attempt.code, "screen") is None
    assert thumbnail_version(attempt.code, "screen") is None


@pytest.mark.parametrize(
    ("stream", "raw", "refusal"),
    [
        ("camera", b"<html>", BadPhoto),
        ("camera", jpeg(kind="PNG"), BadPhoto),
        ("camera", jpeg(size=(700, 20)), PhotoTooLarge),
        ("camera", jpeg() + bytes(70_000), PhotoTooLarge),
        ("../camera", jpeg(), BadInput),
    ],
)
def test_anything_but_a_small_jpeg_of_a_stream_is_refused(stream, raw, refusal):
    attempt = make_attempt()

    with pytest.raises(refusal):
        store_thumbnail(attempt, stream, raw, at=after_start(1))

    assert read_thumbnail(attempt.code, "camera") is None
