import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("yes", True), ("off", False), ("", False)]
)
def test_flag_of_a_plain_word_is_read(monkeypatch, value, expected):
    monkeypatch.setenv("PROBE", value)

    assert env.flag("PROBE", default=not expected) is expected


@pytest.mark.parametrize("value", ["maybe", "2", "tru e"])
def test_flag_of_nonsense_is_refused(monkeypatch, value):
    monkeypatch.setenv("PROBE", value)

    with pytest.raises(ImproperlyConfigured, match="PROBE must be 1 or 0"):
        env.flag("PROBE", default=False)


@pytest.mark.parametrize("value", ["-1", "6", "1.5", "one", "１", ""])
def test_whole_outside_its_bounds_is_refused(monkeypatch, value):
    monkeypatch.setenv("PROBE", value)

    with pytest.raises(ImproperlyConfigured):
        env.whole("PROBE", default=0, low=0, high=5)


@pytest.mark.parametrize(("value", "expected"), [("0.45", 0.45), ("0", 0), ("2", 2)])
def test_ratio_is_a_number_in_its_range(monkeypatch, value, expected):
    monkeypatch.setenv("FACE_PASS", value)

    assert env.ratio("FACE_PASS", default=1, low=0, high=2) == expected


@pytest.mark.parametrize("value", ["", "near", "-0.1", "2.01", "nan", "inf"])
def test_ratio_outside_its_range_is_refused(monkeypatch, value):
    monkeypatch.setenv("FACE_PASS", value)

    with pytest.raises(ImproperlyConfigured, match="FACE_PASS must be a number"):
        env.ratio("FACE_PASS", default=1, low=0, high=2)
