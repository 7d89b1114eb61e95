"""Small real recordings for synthetic candidates, with a counter in every frame.

VP8 (and Opus) in WebM, as a browser's recorder makes them: no duration, no index,
cut into slices whose concatenation is the segment. Each picture carries its own
number as black and white blocks, so that whoever decodes the archive can tell which
frames are there and which are not. Nothing here is random: the same arguments give
the same bytes. No models, no Django.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from io import RawIOBase
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType

FPS = 5
WIDTH, HEIGHT = 160, 120
BIT_RATE = 60_000
SAMPLE_RATE = 48_000
AUDIO_FRAME = 960
LOOKAHEAD = 312  # samples by which the encoder dates its packets back
MIME_WITH_AUDIO = "video/webm;codecs=vp8,opus"
MIME_WITHOUT_AUDIO = "video/webm;codecs=vp8"

# The counter fills the upper half of the picture: 8 columns by 4 rows of blocks,
# a white one and a black one to find the threshold, 22 bits of number, 8 of check.
COLUMNS, ROWS = 8, 4
NUMBER_BITS, CHECK_BITS = 22, 8
WHITE, BLACK = 235, 16
LEAST_CONTRAST = 60
CLUSTER_ID = bytes.fromhex("1f43b675")


@cache
def make_segment(
    seconds: int, *, audio: bool, seed: int, slice_ms: int = 1000, first: int = 0
) -> tuple[str, list[bytes]]:
    """Return the MIME type and the slices of one recorder run of `seconds`.

    The first slice holds the header. Every slice begins a cluster with a key frame.
    `first` is the counter of the first frame, so that a second segment can go on
    where the first one stopped; `seed` changes the picture's colour and the tone.
    """
    sink = _Sink()
    key_every = max(1, FPS * slice_ms // 1000)
    options = {
        "live": "1",
        "cluster_time_limit": str(key_every * 1000 // FPS - 1),
        "fflags": "bitexact",
    }
    with av.open(sink, "w", format="webm", container_options=options) as container:
        video = _video_stream(container, key_every=key_every)
        sound = _sound_stream(container) if audio else None
        for index in range(seconds * FPS):
            picture = _picture(first + index, index=index, seed=seed)
            if index % key_every == 0:
                picture.pict_type = PictureType.I
            container.mux(video.encode(picture))
            if sound is not None:
                for beep in _tone(index, seed=seed):
                    container.mux(sound.encode(beep))
        container.mux(video.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))
    mime = MIME_WITH_AUDIO if audio else MIME_WITHOUT_AUDIO
    return mime, _slices(bytes(sink.data), most=-(-seconds * FPS // key_every))


def counter_picture(number: int, *, width: int, height: int, seed: int) -> np.ndarray:
    """Return one grey picture: the number above, a slowly moving ramp below."""
    picture = np.empty((height, width), dtype=np.uint8)
    ramp = (np.arange(width) * 160 // width + number * 3 + seed * 37) % 160 + 48
    picture[:] = ramp.astype(np.uint8)
    for index, bit in enumerate(_bits_of(number)):
        top, bottom, left, right = _block(index, width=width, height=height)
        picture[top:bottom, left:right] = WHITE if bit else BLACK
    return picture


def read_counter(frame: av.VideoFrame) -> int | None:
    """Return the number shown in a decoded frame, or None where none is readable."""
    grey = frame.reformat(format="gray").to_ndarray()[: frame.height, : frame.width]
    levels = []
    for index in range(COLUMNS * ROWS):
        top, bottom, left, right = _block(index, width=frame.width, height=frame.height)
        # The inner half of a block: compression and scaling blur its edges.
        down, across = (bottom - top) // 4, (right - left) // 4
        inner = grey[top + down : bottom - down, left + across : right - across]
        levels.append(float(inner.mean()))
    if levels[0] - levels[1] < LEAST_CONTRAST:
        return None
    threshold = (levels[0] + levels[1]) / 2
    bits = [level > threshold for level in levels]
    number = _number_of(bits[2 : 2 + NUMBER_BITS])
    return number if bits == _bits_of(number) else None


def write_fake_camera_y4m(
    path: Path, seconds: int, *, fps: int = 10, size: tuple[int, int] = (320, 240)
) -> None:
    """Write an uncompressed film of the counter, for a browser's fake camera.

    For Chromium's `--use-file-for-fake-video-capture`, which plays it in a loop:
    make it longer than what is to be recorded.
    """
    width, height = size
    neutral = bytes([128]) * (width * height // 2)
    with Path(path).open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(seconds * fps):
            film.write(b"FRAME\n")
            picture = counter_picture(number, width=width, height=height, seed=0)
            film.write(picture.tobytes())
            film.write(neutral)


class _Sink(RawIOBase):
    """A pipe, as far as the muxer knows: it cannot go back and add an index."""

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:
        self.data += piece
        return len(piece)


def _video_stream(
    container: av.container.OutputContainer, *, key_every: int
) -> av.VideoStream:
    stream = container.add_stream("libvpx", rate=FPS)
    stream.width, stream.height = WIDTH, HEIGHT
    stream.pix_fmt = "yuv420p"
    stream.bit_rate = BIT_RATE
    stream.gop_size = key_every * 2
    stream.codec_context.thread_count = 1
    stream.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
    }
    return stream


def _sound_stream(container: av.container.OutputContainer) -> av.AudioStream:
    stream = container.add_stream("libopus", rate=SAMPLE_RATE)
    stream.bit_rate = 16_000
    stream.codec_context.layout = "mono"
    return stream


def _picture(number: int, *, index: int, seed: int) -> av.VideoFrame:
    """Return the picture of a counter as the `index`-th of its segment."""
    grey = counter_picture(number, width=WIDTH, height=HEIGHT, seed=seed)
    picture = av.VideoFrame.from_ndarray(grey, format="gray")
    picture = picture.reformat(format="yuv420p")
    picture.pts = index
    picture.time_base = Fraction(1, FPS)
    return picture


def _tone(index: int, *, seed: int) -> Iterator[av.AudioFrame]:
    """Yield the sound of one picture's time, in whole codec frames."""
    samples = SAMPLE_RATE // FPS
    for start in range(index * samples, (index + 1) * samples, AUDIO_FRAME):
        time = np.arange(start, start + AUDIO_FRAME) / SAMPLE_RATE
        wave = np.sin(2 * np.pi * (300 + 40 * (seed % 10)) * time) * 6000
        frame = av.AudioFrame.from_ndarray(
            wave.astype(np.int16).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = SAMPLE_RATE
        # On whole milliseconds: a player refuses pieces whose times go back by one.
        frame.pts = start + LOOKAHEAD
        frame.time_base = Fraction(1, SAMPLE_RATE)
        yield frame


def _slices(data: bytes, *, most: int) -> list[bytes]:
    """Cut before every cluster but the first, which goes with the header.

    The sound that the encoder still held at the end goes with the last slice.
    """
    cuts = []
    found = data.find(CLUSTER_ID)
    while found != -1:
        cuts.append(found)
        found = data.find(CLUSTER_ID, found + len(CLUSTER_ID))
    edges = [0, *cuts[1:most], len(data)]
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False)]


def _block(index: int, *, width: int, height: int) -> tuple[int, int, int, int]:
    row, column = divmod(index, COLUMNS)
    band = height // 2
    return (
        row * band // ROWS,
        (row + 1) * band // ROWS,
        column * width // COLUMNS,
        (column + 1) * width // COLUMNS,
    )


def _bits_of(number: int) -> list[bool]:
    value = number << CHECK_BITS | _check_of(number)
    width = NUMBER_BITS + CHECK_BITS
    return [True, False] + [bool(value >> i & 1) for i in reversed(range(width))]


def _number_of(bits: list[bool]) -> int:
    return sum(bit << place for place, bit in enumerate(reversed(bits)))


def _check_of(number: int) -> int:
    """CRC-8 over the number's three bytes: a blurred block is noticed."""
    check = 0xFF
    for byte in number.to_bytes(3, "big"):
        check ^= byte
        for _ in range(8):
            check = (check << 1 ^ 0x07 if check & 0x80 else check << 1) & 0xFF
    return check
