import pytest

from candidates.edge.app import is_edge

RECORDING = "/api/v1/recordings/5923b1cc-6d60-463e-a158-79d59e674072"


@pytest.mark.parametrize(
    "path",
    [
        f"{RECORDING}/ledger",
        f"{RECORDING}/segments/0579ce39-9abe-43e0-bbdd-43044b5625de/chunks/0",
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
