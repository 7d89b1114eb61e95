"""Chunks that come while the archive folds: in the manifest or in the table, once."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from candidates.backends.chunk_store import LocalChunkStore
from candidates.domain.archive import archive_recording, clear_review
from candidates.domain.uploads import ChunkRecorder, Stored
from candidates.models import Chunk, Manifest, Recording
from candidates.queries.ledger import ledger_of, totals_of
from exams.domain.audit import Actor
from exams.kernel.errors import Conflict, IllegalMove
from tests.builders.archives import SEALED_AT, make_sealed_recording, offer_of
from tests.builders.candidates import Take

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WRITERS, CHUNKS, ROUNDS, BURST = 4, 24, 2, 6
OFFICIAL = Actor("staff", "7")


def archive_and_accept(pk):
    """What the worker and an official do; a loser comes back with the next sweep."""
    recording = Recording.objects.get(pk=pk)
    try:
        archive_recording(recording, at=SEALED_AT)
        if recording.state == "needs_review":
            clear_review(recording, by=OFFICIAL, at=SEALED_AT, reason="noise")
    except (Conflict, IllegalMove):
        return False
    return True


class Writer:
    """One web process: sends every chunk twice, in an order of its own.

    In bursts, each of which waits until the ledger was folded once more: an archive
    that never finds a quiet moment would only be late.
    """

    def __init__(self, recording, take, folds, *, seed):
        self.folds = folds
        self.recorder = ChunkRecorder(LocalChunkStore(settings.RECORDINGS_ROOT))
        self.offers = [offer_of(recording, take, one) for one in take.slices] * ROUNDS
        random.Random(seed).shuffle(self.offers)

    def run(self):
        outcomes = []
        try:
            for number, offer in enumerate(self.offers):
                if number % BURST == 0:
                    self.await_fold()
                outcomes += self.send(offer)
        finally:
            connection.close()
        return outcomes

    def await_fold(self):
        seen, give_up = len(self.folds), time.monotonic() + 10
        while len(self.folds) == seen and time.monotonic() < give_up:
            time.sleep(0.001)

    def send(self, offer):
        """As the browser: no answer means once more."""
        while True:
            try:
                return self.recorder.record([offer])
            except OperationalError:
                connection.close()


def test_chunks_while_the_archive_folds_are_held_once_and_none_is_lost():
    take = Take().record(*(bytes([number]) * 40 for number in range(CHUNKS)))
    recording = make_sealed_recording([])
    stopped, folds = threading.Event(), []
    writers = [Writer(recording, take, folds, seed=seed) for seed in range(WRITERS)]

    def fold_on():
        try:
            while not stopped.is_set():
                if archive_and_accept(recording.pk):
                    folds.append(time.monotonic())
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        archive = pool.submit(fold_on)
        try:
            found = list(pool.map(Writer.run, writers))
        finally:
            stopped.set()
        archive.result()
    while not archive_and_accept(recording.pk):
        pass
    recording.refresh_from_db()
    (segment,) = ledger_of(recording)["segments"]

    news = [one for outcomes in found for one in outcomes if one == Stored(new=True)]
    assert {one for outcomes in found for one in outcomes} <= {
        Stored(new=True),
        Stored(new=False),
    }
    assert len(news) == CHUNKS
    assert Manifest.objects.count() > 2, "nothing was folded between the chunks"
    assert (recording.folded, Chunk.objects.count()) == (True, 0)
    assert segment["ranges"] == [[0, CHUNKS - 1]]
    assert totals_of(recording) == (CHUNKS, 40 * CHUNKS)
