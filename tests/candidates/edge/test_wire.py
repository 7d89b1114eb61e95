"""What the headers and paths of an upload may say: the published vectors."""

from uuid import UUID, uuid4

import pytest

from candidates.domain import chain
from candidates.domain.offers import SegmentHeader
from candidates.edge import wire
from tests.builders.candidates import Take
from tests.builders.vectors import read_vectors

VECTORS = read_vectors("recording")


@pytest.mark.parametrize("segment", VECTORS["segments"], ids=lambda one: one["mime"])
def test_chain_and_headers_match_the_published_vectors(segment):
    uuid, mime = UUID(segment["uuid"]), segment["mime"]
    head = chain.genesis(uuid, mime=mime)

    heads, headers = [head], []
    for chunk in segment["chunks"]:
        read = wire.read_chunk_headers(
            {
                b"content-digest": chunk["content_digest"].encode(),
                b"kaowu-span": chunk["span"].encode(),
                b"kaowu-chain": chunk["chain"].encode(),
            }
        )
        head = chain.link(
            head,
            seq=chunk["seq"],
            digest=chunk["digest"],
            start_ms=chunk["start_ms"],
            duration_ms=chunk["duration_ms"],
        )
        heads.append(head)
        headers.append((read.digest, read.start_ms, read.duration_ms, read.head))

    assert heads == [
        segment["genesis"],
        *(chunk["chain"] for chunk in segment["chunks"]),
    ]
    assert headers == [
        (one["digest"], one["start_ms"], one["duration_ms"], one["chain"])
        for one in segment["chunks"]
    ]
    assert wire.read_segment_header(segment["header"].encode()) == SegmentHeader(
        mime, segment["device"], segment["reason"], segment["started_ms"]
    )


def test_take_of_the_builders_makes_the_published_chain():
    published = VECTORS["segments"][0]
    sizes = [one["duration_ms"] for one in published["chunks"][:1]]
    take = Take(uuid=UUID(published["uuid"]), mime=published["mime"])

    take.record(b"\x1aE\xdf\xa3header", duration_ms=sizes[0])

    assert take.head == published["chunks"][0]["chain"]


@pytest.mark.parametrize("text", VECTORS["spans"]["bad"])
def test_bad_span_of_the_vectors_is_refused(text):
    assert_bad(
        {**good_headers(), b"kaowu-span": text.encode("utf-8")}, header="Kaowu-Span"
    )


@pytest.mark.parametrize("text", VECTORS["digests"]["bad"])
def test_bad_digest_of_the_vectors_is_refused(text):
    assert_bad(
        {**good_headers(), b"content-digest": text.encode()}, header="Content-Digest"
    )


@pytest.mark.parametrize("text", VECTORS["chains"]["bad"])
def test_bad_chain_of_the_vectors_is_refused(text):
    assert_bad({**good_headers(), b"kaowu-chain": text.encode()}, header="Kaowu-Chain")


@pytest.mark.parametrize("text", VECTORS["segment_headers"]["bad"])
def test_bad_segment_header_of_the_vectors_is_refused(text):
    with pytest.raises(wire.BadHeader):
        wire.read_segment_header(text.encode())


@pytest.mark.parametrize(("text", "start_ms", "duration_ms"), VECTORS["spans"]["good"])
def test_good_span_of_the_vectors_is_read(text, start_ms, duration_ms):
    read = wire.read_chunk_headers({**good_headers(), b"kaowu-span": text.encode()})

    assert (read.start_ms, read.duration_ms) == (start_ms, duration_ms)


def test_number_of_the_path_follows_the_vectors():
    def path(text):
        return f"/api/v1/recordings/{uuid4()}/segments/{uuid4()}/chunks/{text}"

    good = [wire.read_chunk_path(path(text)).seq for text, _ in VECTORS["seqs"]["good"]]
    bad = [wire.read_chunk_path(path(text)) for text in VECTORS["seqs"]["bad"]]

    assert good == [seq for _, seq in VECTORS["seqs"]["good"]]
    assert bad == [None] * len(bad)


def good_headers():
    one = Take().record(b"abc").slices[0]
    return {name.encode(): text.encode() for name, text in one.headers.items()}


def assert_bad(headers, *, header):
    with pytest.raises(wire.BadHeader) as caught:
        wire.read_chunk_headers(headers)
    assert caught.value.facts == {"header": header}
