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
