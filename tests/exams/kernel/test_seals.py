import base64

import pytest

from exams.kernel import canonical, seals


def test_seal_opened_again_gives_the_payload():
    payload = {"kind": "probe/1", "number": 7, "词": "考务"}

    assert seals.open_seal(seals.seal(payload)) == payload


@pytest.mark.parametrize("part", ["payload", "signature", "key_id"])
def test_seal_with_one_part_changed_is_refused(part):
    envelope = seals.seal({"number": 7})
    other = seals.seal({"number": 8})
    envelope[part] = "9999" if part == "key_id" else other[part]

    with pytest.raises(seals.BadSeal):
        seals.open_seal(envelope)


def test_seal_signs_exactly_the_canonical_bytes():
    envelope = seals.seal({"b": 1, "a": [True, None, "x"]})

    assert base64.b64decode(envelope["payload"]) == b'{"a":[true,null,"x"],"b":1}'


@pytest.mark.parametrize("payload", [1.5, {"a": [0.1]}, {1: "x"}])
def test_canonical_json_of_floats_or_other_keys_is_refused(payload):
    with pytest.raises(TypeError):
        canonical.encode(payload)
