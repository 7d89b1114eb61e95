"""Which stage lists can be passed, and why the others cannot."""

import pytest
from django.utils import translation

from exams.domain import stages
from exams.models.project import default_stages, preset_a, preset_b


@pytest.mark.parametrize("make", [default_stages, preset_a, preset_b])
def test_presets_work(make):
    assert stages.problems_of([str(one) for one in make()]) == []


def test_order_before_enter_is_free_behind_the_identity_check():
    order = ["check_in", "devices", "draw", "attachments", "flow", "companion"]

    assert stages.problems_of([*order, "enter", "answer", "upload"]) == []


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (
            ["draw", "check_in", "enter", "answer", "upload"],
            "“Identity check” has to come before “Draw”.",
        ),
        (
            ["check_in", "enter", "devices", "answer", "upload"],
            "“Device preparation” has to come before “Enter the exam”.",
        ),
        (
            ["check_in", "enter", "upload", "answer"],
            "“Answering” has to come before “Upload”.",
        ),
        (
            ["check_in", "information", "enter", "answer", "upload"],
            "“Enter the exam” has to come before “Information confirmation”.",
        ),
        (
            ["check_in", "enter", "answer", "paper_check", "upload"],
            "“Paper check” has to come before “Answering”.",
        ),
        (
            ["check_in", "enter", "answer"],
            "Identity check, Enter, answering and upload are needed.",
        ),
        (
            ["check_in", "check_in", "enter", "answer", "upload"],
            "A stage is listed twice.",
        ),
        (["check_in", "sleep"], "The stage list names an unknown stage."),
        ("enter", "The stage list names an unknown stage."),
    ],
)
def test_impossible_list_is_refused_with_its_reason(order, text):
    with translation.override("en"):
        found = [str(one) for one in stages.problems_of(order)]

    assert text in found
