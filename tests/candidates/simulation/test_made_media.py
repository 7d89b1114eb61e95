"""Synthetic media: deterministic, decodable, and each frame says its number."""

import ast
import io
from pathlib import Path

import av
import pytest

from candidates.simulation import media
from candidates.simulation.media import (
    CLUSTER_ID,
    counter_picture,
    make_segment,
    read_counter,
)


def frames_of(data: bytes) -> list[int | None]:
    with av.open(io.BytesIO(data)) as container:
        return [read_counter(frame) for frame in container.decode(video=0)]


@pytest.mark.parametrize("audio", [True, False])
@pytest.mark.parametrize(("slice_ms", "slices"), [(1000, 6), (2000, 3), (200, 30)])
def test_segment_slices_joined_decode_to_every_counter(audio, slice_ms, slices):
    _, pieces = make_segment(6, audio=audio, seed=3, slice_ms=slice_ms)

    assert len(pieces) == slices
    assert frames_of(b"".join(pieces)) == list(range(30))


def test_segment_made_twice_has_the_same_bytes():
    once = make_segment(4, audio=True, seed=5)
    make_segment.cache_clear()

    assert make_segment(4, audio=True, seed=5) == once


def test_segment_of_another_seed_has_other_bytes():
    _, one = make_segment(2, audio=False, seed=1)
    _, two = make_segment(2, audio=False, seed=2)

    assert one != two


def test_segment_with_and_without_audio_states_its_type_and_has_its_streams():
    found = {}
    for audio in (True, False):
        mime, pieces = make_segment(1, audio=audio, seed=0)
        with av.open(io.BytesIO(b"".join(pieces))) as container:
            found[mime] = [s.codec_context.name for s in container.streams]

    assert found == {
        "video/webm;codecs=vp8,opus": ["vp8", "opus"],
        "video/webm;codecs=vp8": ["vp8"],
    }


def test_segment_every_later_slice_begins_a_cluster():
    _, pieces = make_segment(5, audio=True, seed=0)

    assert [piece[:4] for piece in pieces[1:]] == [CLUSTER_ID] * 4


def test_segment_from_a_later_counter_goes_on_where_told():
    _, pieces = make_segment(2, audio=False, seed=0, first=777)

    assert frames_of(b"".join(pieces)) == list(range(777, 787))


@pytest.mark.parametrize("number", [0, 1, 1023, 2**22 - 1])
def test_counter_read_from_a_plain_picture_is_what_was_drawn(number):
    picture = counter_picture(number, width=320, height=240, seed=9)
    frame = av.VideoFrame.from_ndarray(picture, format="gray")

    assert read_counter(frame) == number


def test_counter_of_a_picture_without_one_is_none():
    plain = counter_picture(5, width=160, height=120, seed=0)
    plain[:] = 128

    assert read_counter(av.VideoFrame.from_ndarray(plain, format="gray")) is None


def test_counter_with_one_block_wrong_is_none():
    picture = counter_picture(5, width=160, height=120, seed=0)
    picture[15:30, 40:60] = 251 - picture[15:30, 40:60]

    assert read_counter(av.VideoFrame.from_ndarray(picture, format="gray")) is None


def test_module_imports_neither_models_nor_django():
    tree = ast.parse(Path(media.__file__).read_text("utf-8"))
    roots = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert roots <= {
        "av",
        "collections",
        "fractions",
        "functools",
        "io",
        "numpy",
        "pathlib",
    }
