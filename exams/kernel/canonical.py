"""Canonical JSON: the one byte form that is hashed, chained and signed."""

import json


def encode(payload: object) -> bytes:
    """Return UTF-8 JSON with sorted keys, no spaces and no floats.

    Raises `TypeError` when a float or another unknown type is inside: a float has
    no single text, so two honest sides could disagree about its bytes.
    """
    _refuse_floats(payload)
    return json.dumps(
        payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        message = "canonical JSON holds no floats"
        raise TypeError(message)
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                message = "canonical JSON has string keys only"
                raise TypeError(message)
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
