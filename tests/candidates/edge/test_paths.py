import uuid

import pytest

from candidates.edge.app import is_edge

RECORDING = f"/api/v1/recordings/{uuid.uuid4()}"


@pytest.mark.parametrize(
    "path",
    [
        f"{RECORDING}/ledger",
        f"{RECORDING}/segments/{uuid.uuid4()}/chunks/0",
        f"{RECORDING}/anything",
        "/api/v1/attempts/abcdefghjkmnpqrs/paper",
        "/api/v1/attempts/abcdefghjkmnpqrs/paper-key",
    ],
)
def test_edge_answers_its_own_paths(path):
    assert is_edge(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/v1/attempts/me/state",
        "/api/v1/attempts/me/seal",
        "/api/v1/attempts/me/paper",
        "/api/v1/attempts/abcdefghjkmnpqrs/paper/",
        "/api/v1/attempts/abcdefghjkmnpqrs/paper-keys",
        "/api/v1/attempts/../attempts/abcdefghjkmnpqrs/paper",
        "/admin/api/v1/recordings/",
        "/api/v1/recordings",
    ],
)
def test_edge_leaves_other_paths_to_django(path):
    assert not is_edge(path)
