"""One world for all cells of a module; every cell is undone by a savepoint."""

import time
from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.policy.world import NOW, World, make_world


@pytest.fixture(scope="module")
def clock_at_entry(tmp_path_factory) -> Iterator[None]:
    """The portal's clock stands twenty minutes before the start."""
    path = tmp_path_factory.mktemp("clock") / "offset"
    path.write_text(str(NOW.timestamp() - time.time()), encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAOWU_CLOCK_OFFSET_FILE", str(path))
        yield


@pytest.fixture(autouse=True)
def _faces_are_compared(settings):
    settings.FACE_BACKEND = "fake"


class Undone(Exception):
    pass


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, clock_at_entry) -> Iterator[World]:
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                yield make_world()
                raise Undone
        except Undone:
            pass
