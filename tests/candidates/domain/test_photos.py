import io
import struct
import zlib

import pytest
from PIL import Image

from candidates.domain.photos import BadPhoto, PhotoTooLarge, clean_photo
from tests.builders.passages import picture

LIMIT = 3 * 2**20


def opened(raw):
    return Image.open(io.BytesIO(raw))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_clean_photo_becomes_a_jpeg_of_the_same_size(kind):
    cleaned = opened(clean_photo(picture(kind=kind), max_bytes=LIMIT))

    assert (cleaned.format, cleaned.size) == ("JPEG", (320, 240))


def test_clean_photo_keeps_no_metadata():
    exif = Image.Exif()
    exif[0x010F] = "the maker of the phone"
    raw = picture(exif=exif)

    cleaned = clean_photo(raw, max_bytes=LIMIT)

    assert b"the maker" in raw
    assert b"the maker" not in cleaned


def test_clean_photo_bytes_behind_the_picture_are_dropped():
    cleaned = clean_photo(picture() + b"<script>", max_bytes=LIMIT)

    assert b"<script>" not in cleaned


def test_clean_photo_large_side_is_reduced():
    cleaned = opened(clean_photo(picture((4000, 3000)), max_bytes=LIMIT))

    assert cleaned.size == (2000, 1500)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture(kind="GIF"),
        picture(kind="BMP"),
        picture()[:300],
        picture((100, 400)),
    ],
)
def test_clean_photo_what_is_no_usable_picture_is_refused(raw):
    with pytest.raises(BadPhoto):
        clean_photo(raw, max_bytes=LIMIT)


def test_clean_photo_bytes_over_the_cap_are_refused():
    raw = picture()

    with pytest.raises(PhotoTooLarge):
        clean_photo(raw, max_bytes=len(raw) - 1)
    assert clean_photo(raw, max_bytes=len(raw))


@pytest.mark.parametrize("side", [6000, 60_000])
def test_clean_photo_bomb_is_refused_by_its_header(side):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\0\0\0\0IDAT"
    )

    with pytest.raises(PhotoTooLarge):
        clean_photo(bomb, max_bytes=LIMIT)
