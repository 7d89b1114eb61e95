"""Containers: probe, join by copying packets, contact sheets. Pure; no models.

Packets are copied, never re-encoded, into a file that has a duration and an index
(a browser's recorder writes neither). Every tag of the source stays behind. The
same sources give the same bytes, so that a job that runs twice changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from PIL import Image

WEBM_CODECS = {"vp8", "vp9", "av1", "opus", "vorbis"}
MP4_CODECS = {"h264", "hevc", "av1", "vp9", "opus", "aac"}
SHEET_TILES = 60
SHEET_COLUMNS = 10
TILE_WIDTH = 160
DEFAULT_FRAME = Fraction(1, 15)


class Undecodable(Exception):
    """The bytes hold no playable media; the text says what failed, in English."""


@dataclass(frozen=True)
class Shape:
    """What must be equal for two segments to be joined in one file."""

    codecs: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    headers: tuple[bytes, ...]

    @property
    def extension(self) -> str:
        if set(self.codecs) <= WEBM_CODECS:
            return "webm"
        if set(self.codecs) <= MP4_CODECS:
            return "mp4"
        message = f"no container for {', '.join(self.codecs)}"
        raise Undecodable(message)

    @property
    def mime(self) -> str:
        kind = "video" if self.sizes else "audio"
        return f"{kind}/{self.extension}"


@dataclass(frozen=True)
class Facts:
    """What a playable stretch holds. Durations and gaps in whole milliseconds.

    `largest_gap_ms` is the longest time between two pictures that follow each other.
    """

    frames: int
    duration_ms: int
    largest_gap_ms: int


def shape_of(source: BinaryIO | Path) -> Shape:
    """Return codecs, sizes and codec headers; raises `Undecodable`."""
    try:
        with _opened(source) as container:
            streams = _streams(container)
            return Shape(
                codecs=tuple(s.codec_context.name for s in streams),
                sizes=tuple((s.width, s.height) for s in streams if s.type == "video"),
                headers=tuple(bytes(s.codec_context.extradata or b"") for s in streams),
            )
    except (FFmpegError, ValueError) as error:
        raise Undecodable(_reason(error)) from error


def probe(source: BinaryIO | Path) -> Facts:
    """Read every packet and decode every key frame; raises `Undecodable`.

    Deltas are not decoded: over hours of film that costs 140 times as much, and the
    bytes were compared with their digests before.
    """
    shown: list[Fraction] = []
    until = Fraction(0)
    try:
        with _opened(source) as container:
            video = container.streams.video[0] if container.streams.video else None
            for packet in container.demux(_streams(container)):
                if packet.pts is None or packet.size == 0:
                    continue
                time = packet.pts * packet.time_base
                length = (packet.duration or 0) * packet.time_base
                until = max(until, time + length)
                if video is not None and packet.stream.index == video.index:
                    shown.append(time)
                    if packet.is_keyframe:
                        _decode_alone(packet)
    except (FFmpegError, ValueError) as error:
        raise Undecodable(_reason(error)) from error
    if until == 0 or (video is not None and not shown):
        message = "no pictures"
        raise Undecodable(message)
    return _facts(sorted(shown), until)


def remux(sources: Sequence[BinaryIO | Path], target: Path) -> list[int]:
    """Copy the packets of all sources, one after the other, into one seekable file.

    All must have the same `Shape`. Returns where each source begins in the file, in
    milliseconds. Raises `Undecodable`. `target` is written in place: the caller
    gives a temporary name and makes it durable.
    """
    extension = shape_of(sources[0]).extension
    starts: list[int] = []
    begin = Fraction(0)
    try:
        with av.open(
            str(target), "w", format=extension, container_options=_options(extension)
        ) as out:
            writer: dict[int, av.stream.Stream] = {}
            for source in sources:
                _rewind(source)
                starts.append(round(begin * 1000))
                with _opened(source) as container:
                    begin = _copy(container, out, writer, begin)
    except (FFmpegError, ValueError) as error:
        raise Undecodable(_reason(error)) from error
    return starts


def contact_sheet(source: Path) -> tuple[Image.Image, int]:
    """Return a grid of pictures spread over the file, and how many they are.

    Seeks to key frames of an indexed file instead of decoding all of it.
    """
    tiles = _tiles(source)
    width = TILE_WIDTH
    height = max(tile.height for tile in tiles)
    columns = min(SHEET_COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height))
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        sheet.paste(tile, (column * width, row * height))
    return sheet, len(tiles)


def _opened(source: BinaryIO | Path) -> InputContainer:
    _rewind(source)
    # Matroska warns about a missing index; that is how a recorder's file looks.
    return av.open(str(source) if isinstance(source, Path) else source, "r")


def _rewind(source: BinaryIO | Path) -> None:
    if not isinstance(source, Path):
        source.seek(0)


def _streams(container: InputContainer) -> list[av.stream.Stream]:
    """The first video and the first audio stream, video first."""
    chosen = [*container.streams.video[:1], *container.streams.audio[:1]]
    if not chosen:
        message = "no picture and no sound"
        raise Undecodable(message)
    return chosen


def _decode_alone(packet: av.Packet) -> None:
    if not packet.decode():
        # A codec with delay shows nothing yet; that is no failure.
        packet.stream.codec_context.flush_buffers()


def _facts(shown: list[Fraction], until: Fraction) -> Facts:
    gaps = [after - before for before, after in zip(shown, shown[1:], strict=False)]
    first = shown[0] if shown else Fraction(0)
    end = until
    if shown:
        # A recorder's last picture has no duration of its own.
        end = max(until, shown[-1] + (min(gaps) if gaps else DEFAULT_FRAME))
    return Facts(
        frames=len(shown),
        duration_ms=round((end - min(first, Fraction(0))) * 1000),
        largest_gap_ms=round(max(gaps, default=Fraction(0)) * 1000),
    )


def _options(extension: str) -> dict[str, str]:
    # bitexact: no random identifiers, no version of the writer, same bytes again.
    if extension == "mp4":
        return {"fflags": "bitexact", "movflags": "faststart"}
    return {"fflags": "bitexact", "cues_to_front": "1"}


def _copy(
    container: InputContainer,
    out: OutputContainer,
    writer: dict[int, av.stream.Stream],
    begin: Fraction,
) -> Fraction:
    """Append one source at time `begin`; return where the next one begins."""
    streams = _streams(container)
    for number, stream in enumerate(streams):
        if number not in writer:
            writer[number] = out.add_stream_from_template(stream, opaque=True)
            writer[number].metadata.clear()
    out.metadata.clear()
    place = {stream.index: number for number, stream in enumerate(streams)}
    first: Fraction | None = None
    end = begin
    last_dts: dict[int, int] = {}
    for packet in container.demux(streams):
        if packet.dts is None or packet.size == 0:
            continue
        if first is None:
            first = packet.dts * packet.time_base
        number = place[packet.stream.index]
        shift = round((begin - first) / packet.time_base)
        packet.dts += shift
        packet.pts += shift
        last = last_dts.get(number)
        step = packet.duration or (packet.dts - last if last is not None else 0)
        last_dts[number] = packet.dts
        end = max(end, (packet.pts + step) * packet.time_base)
        packet.stream = writer[number]
        out.mux(packet)
    if first is None:
        message = "no packets"
        raise Undecodable(message)
    return end


def _tiles(source: Path) -> list[Image.Image]:
    tiles = []
    try:
        with av.open(str(source), "r") as container:
            if not container.streams.video:
                message = "no picture for a contact sheet"
                raise Undecodable(message)
            video = container.streams.video[0]
            video.codec_context.skip_frame = "NONKEY"
            length = container.duration or 0
            count = max(1, min(SHEET_TILES, length // av.time_base))
            for index in range(count):
                container.seek(length * index // count)
                frame = next(container.decode(video), None)
                if frame is not None:
                    height = max(1, frame.height * TILE_WIDTH // frame.width)
                    tiles.append(frame.to_image(width=TILE_WIDTH, height=height))
    except FFmpegError as error:
        raise Undecodable(_reason(error)) from error
    if not tiles:
        message = "no pictures"
        raise Undecodable(message)
    return tiles


def _reason(error: Exception) -> str:
    """The library's words, without a path."""
    return getattr(error, "strerror", None) or type(error).__name__
