import pytest

from candidates.domain import people
from tests.builders.exams import make_project


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("11010519491231002X", "31002X"),
        ("11010519491231002x", "31002X"),
        ("31002x", "31002X"),
        ("３１００２ｘ", "31002X"),
        (" 31 002 x ", "31002X"),
    ],
)
def test_id_suffix_other_keyboard_is_the_same(text, suffix):
    assert people.id_suffix(text) == suffix


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),
        ("1101051949123100", False),
        ("", False),
        ("AAAAAAAAAAAAAAAAAA", False),
    ],
)
def test_valid_id_number_asks_date_and_check_digit(text, valid):
    assert people.valid_id_number(text) is valid


@pytest.mark.django_db
def test_sign_in_hash_folds_what_was_typed_and_keeps_projects_apart():
    project, other = make_project(), make_project()

    typed = people.sign_in_hash(project, " ２０３０ａ1 ", "３1002x")

    assert typed == people.sign_in_hash(project, "2030A1", "31002X")
    assert typed != people.sign_in_hash(other, "2030A1", "31002X")
    assert typed != people.sign_in_hash(project, "2030A1", "310020")


def test_mask_id_number_hides_the_middle():
    assert people.mask_id_number("11010519491231002X") == "110*************2X"
    assert people.mask_id_number("1234567") == "*******"
