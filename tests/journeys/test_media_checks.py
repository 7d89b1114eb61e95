"""The instrument is tested before anything is measured with it."""

from fractions import Fraction

import av
import pytest

from tests.journeys.media_checks import (
    counters_of,
    largest_jump,
    steps_of,
    write_fake_camera_y4m,
)


def encode_as_vp8(source, target, *, size, fps, drop=frozenset()):
    """Compress a raw film as a browser would: VP8, 500 kbit/s, one pass."""
    with av.open(str(source)) as film, av.open(str(target), "w", format="webm") as out:
        stream = out.add_stream("libvpx", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 500_000
        stream.options = {"deadline": "realtime", "cpu-used": "8"}
        for index, frame in enumerate(film.decode(video=0)):
            if index in drop:
                continue
            picture = frame.reformat(width=size[0], height=size[1], format="yuv420p")
            picture.pts, picture.time_base = index, Fraction(1, fps)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (480, 360), (160, 120)])
def test_counters_after_vp8_at_500_kbit_are_all_read(tmp_path, size):
    write_fake_camera_y4m(tmp_path / "camera.y4m", 6, fps=10, size=(320, 240))

    encode_as_vp8(tmp_path / "camera.y4m", tmp_path / "film.webm", size=size, fps=10)

    assert counters_of(tmp_path / "film.webm") == [(n * 100, n) for n in range(60)]
    assert largest_jump(counters_of(tmp_path / "film.webm")) == 1


def test_largest_jump_of_a_film_with_a_missing_stretch_is_its_length(tmp_path):
    write_fake_camera_y4m(tmp_path / "camera.y4m", 4)

    encode_as_vp8(
        tmp_path / "camera.y4m",
        tmp_path / "film.webm",
        size=(320, 240),
        fps=10,
        drop=frozenset(range(12, 20)),
    )

    assert largest_jump(counters_of(tmp_path / "film.webm")) == 9


def test_largest_jump_over_the_loop_of_the_film_is_one():
    counters = [(0, 8), (100, 9), (200, 0), (300, 1)]

    assert steps_of(counters, loop=10) == [1, 1, 1]
    assert largest_jump(counters, loop=10) == 1


def test_largest_jump_of_nothing_is_refused():
    with pytest.raises(ValueError, match="fewer than two"):
        largest_jump([(0, 1)])
