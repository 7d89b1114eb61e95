"""Containers: packets are copied, tags stay behind, damage is named.

The generated runs cover every rule; a browser's own recordings are in `tests/samples`.
"""

import hashlib
import io
from pathlib import Path

import av
import pytest

from candidates.backends.media import (
    Facts,
    Undecodable,
    contact_sheet,
    probe,
    remux,
    shape_of,
)
from candidates.simulation.media import make_segment, read_counter

SAMPLES = Path(__file__).parents[2] / "samples"
RECORDER_FILES = [*SAMPLES.glob("*.webm"), *SAMPLES.glob("*.mp4")]


def generated(seconds=3, *, audio=True, first=0) -> bytes:
    return b"".join(make_segment(seconds, audio=audio, seed=1, first=first)[1])


def packets_of(source) -> list[bytes]:
    """The pictures' packets, in order."""
    with av.open(
        source if isinstance(source, io.BytesIO) else str(source)
    ) as container:
        return [bytes(p) for p in container.demux(video=0) if p.size]


def tagged(data: bytes) -> io.BytesIO:
    """The same packets under a title, an artist and a language."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(out, "w", format="webm") as sink:
        sink.metadata.update({"title": "张三 110101", "artist": "Somebody"})
        streams = {s.index: sink.add_stream_from_template(s) for s in source.streams}
        for stream in streams.values():
            stream.metadata["language"] = "chi"
        for packet in source.demux():
            if packet.dts is not None and packet.size:
                packet.stream = streams[packet.stream.index]
                sink.mux(packet)
    out.seek(0)
    return out


def test_probe_of_a_recorder_run_counts_frames_time_and_gap():
    facts = probe(io.BytesIO(generated(3, audio=False)))

    assert facts == Facts(frames=15, duration_ms=3000, largest_gap_ms=200)


def test_probe_of_a_run_with_a_cluster_missing_shows_the_gap():
    _, slices = make_segment(5, audio=False, seed=1)

    facts = probe(io.BytesIO(b"".join([*slices[:2], *slices[3:]])))

    assert facts == Facts(frames=20, duration_ms=5000, largest_gap_ms=1200)


@pytest.mark.parametrize(
    "data",
    [b"", b"not a film" * 50, generated()[4000:], generated()[:200]],
    ids=["empty", "noise", "no header", "header only"],
)
def test_probe_of_damaged_bytes_is_undecodable(data):
    with pytest.raises(Undecodable):
        probe(io.BytesIO(data))


def test_probe_of_a_key_frame_full_of_noise_is_undecodable():
    data = bytearray(generated(2, audio=False))
    frame = packets_of(io.BytesIO(bytes(data)))[0]
    at = bytes(data).find(frame)
    data[at : at + len(frame)] = b"\xff" * len(frame)

    with pytest.raises(Undecodable):
        probe(io.BytesIO(bytes(data)))


def test_remux_of_two_runs_has_all_frames_in_order_an_index_and_a_duration(tmp_path):
    parts = [io.BytesIO(generated(3)), io.BytesIO(generated(2, first=15))]

    starts = remux(parts, tmp_path / "film.webm")

    with av.open(str(tmp_path / "film.webm")) as film:
        length = film.duration
        counters = [read_counter(frame) for frame in film.decode(video=0)]
        film.seek(4_500_000)
        landed = next(film.decode(video=0)).time
    assert counters == list(range(25))
    assert 5_000_000 <= length < 5_100_000
    assert starts == [0, 3007]
    assert landed == pytest.approx(4.0, abs=0.05)


def test_remux_copies_packets_and_never_encodes(tmp_path):
    data = generated(3)

    remux([io.BytesIO(data)], tmp_path / "film.webm")

    assert packets_of(tmp_path / "film.webm") == packets_of(io.BytesIO(data))


def test_remux_leaves_every_tag_behind(tmp_path):
    remux([tagged(generated(2))], tmp_path / "film.webm")

    raw = (tmp_path / "film.webm").read_bytes()
    with av.open(str(tmp_path / "film.webm")) as film:
        assert film.metadata == {"encoder": "Lavf"}
        assert [set(stream.metadata) for stream in film.streams] == [{"DURATION"}] * 2
    assert [
        w for w in ("张三".encode(), b"Somebody", b"chi", b"Chrome") if w in raw
    ] == []


def test_remux_twice_gives_the_same_bytes(tmp_path):
    for name in ("one.webm", "two.webm"):
        remux([io.BytesIO(generated(2))], tmp_path / name)

    one, two = ((tmp_path / n).read_bytes() for n in ("one.webm", "two.webm"))
    assert hashlib.sha256(one).digest() == hashlib.sha256(two).digest()


def test_remux_of_noise_is_undecodable(tmp_path):
    with pytest.raises(Undecodable):
        remux([io.BytesIO(b"\x00" * 5000)], tmp_path / "film.webm")


def test_shape_differs_with_and_without_sound():
    assert shape_of(io.BytesIO(generated())) != shape_of(
        io.BytesIO(generated(audio=False))
    )


def test_contact_sheet_of_a_long_film_is_a_grid_of_sixty(tmp_path):
    remux([io.BytesIO(generated(90, audio=False))], tmp_path / "film.webm")

    sheet, tiles = contact_sheet(tmp_path / "film.webm")

    assert (sheet.size, tiles) == ((1600, 720), 60)


def test_recorder_files_are_the_three_of_the_readme():
    assert len(RECORDER_FILES) == 3


@pytest.mark.parametrize("path", sorted(RECORDER_FILES), ids=lambda path: path.name)
def test_remux_of_a_recorder_file_keeps_every_packet_and_is_seekable(tmp_path, path):
    before = probe(path)
    target = tmp_path / f"film{path.suffix}"

    remux([path, path], target)

    after = probe(target)
    assert (after.frames, abs(after.duration_ms - 2 * before.duration_ms) < 60) == (
        2 * before.frames,
        True,
    )
    assert packets_of(target) == packets_of(path) * 2
    assert contact_sheet(target)[1] == after.duration_ms // 1000


def test_probe_of_a_browser_segment_from_its_slices_counts_all():
    slices = [path.read_bytes() for path in sorted((SAMPLES / "crash").iterdir())]

    facts = probe(io.BytesIO(b"".join(slices)))

    assert facts == Facts(frames=61, duration_ms=4064, largest_gap_ms=100)
