"""Floors: imports, foreign keys and template URLs point down only."""

import ast
import re

import pytest
from django.apps import apps

from tests.architecture.source import (
    FLOORS,
    ROOT,
    imported_modules,
    python_files,
    relative,
    tree_of,
)

ORDER = {name: height for height, name in enumerate(FLOORS)}
LAYERS = ("models", "queries", "domain")
EDGES = ("admin", "api", "views", "management", "edge")
URL_OWNERS = {
    "admin": "config",
    "staff": "config",
    "candidate": "candidates",
    "checkins": "candidates",
    "conflicts": "candidates",
    "reading": "candidates",
    "api": "candidates",
    "phone": "candidates",
    "proctor": "proctoring",
    "help": "helpdesk",
    "helpdesk": "helpdesk",
    "examiner": "exams",
    "integrity": "exams",
    "review": "proctoring",
    "cases": "proctoring",
}
TEMPLATE_FLOORS = {
    "candidate": "candidates",
    "phone": "candidates",
    "api": "candidates",
    "conflicts": "candidates",
    "proctor": "proctoring",
    "helpdesk": "candidates",
    "help": "helpdesk",
    "examiner": "exams",
    "review": "proctoring",
    "cases": "proctoring",
    "staff": "config",
    "admin": "config",
}


def upward_imports(path, tree):
    own = ORDER[path.relative_to(ROOT).parts[0]]
    for line, module in imported_modules(tree):
        app = module.split(".")[0]
        if ORDER.get(app, -1) > own:
            yield f"{relative(path)}:{line} imports {module}"


def test_imports_of_every_app_point_down():
    found = [
        line for path in python_files() for line in upward_imports(path, tree_of(path))
    ]

    assert found == []


def test_upward_import_planted_in_exams_is_found():
    tree = ast.parse("def f():\n    from candidates.models import Candidate\n")

    found = list(upward_imports(ROOT / "exams" / "planted.py", tree))

    assert found == ["exams/planted.py:2 imports candidates.models"]


def test_kernel_imports_only_the_kernel_and_no_models():
    allowed = ("exams.kernel",)

    found = [
        f"{relative(path)}:{line} {module}"
        for path in (ROOT / "exams" / "kernel").glob("*.py")
        for line, module in imported_modules(tree_of(path))
        if module.split(".")[0] in FLOORS and not module.startswith(allowed)
    ]

    assert found == []


def test_foreign_keys_of_every_model_point_down_and_hide_the_way_back():
    found = []
    for model in apps.get_models():
        own = ORDER.get(model._meta.app_label)
        if own is None:
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "remote_field", None) and field.related_model
            if not target or field.auto_created:
                continue
            other = ORDER.get(target._meta.app_label)
            if other is not None and other > own:
                found.append(f"{field} points up")
            hidden = field.remote_field.hidden
            if other is not None and other < own and not hidden:
                found.append(f"{field} can be reached from {target.__name__}")

    assert found == []


def test_layers_inside_an_app_are_imported_downwards():
    found = []
    for path in python_files("exams", "candidates", "proctoring", "helpdesk"):
        parts = path.relative_to(ROOT).parts
        if len(parts) < 3 or parts[1] not in LAYERS:
            continue
        height = LAYERS.index(parts[1])
        for line, module in imported_modules(tree_of(path)):
            names = module.split(".")
            if names[0] != parts[0] or len(names) < 2:
                continue
            above = names[1] in EDGES or (
                names[1] in LAYERS and LAYERS.index(names[1]) > height
            )
            if above and not (parts[1] == "queries" and names[1] == "domain"):
                found.append(f"{relative(path)}:{line} imports {module}")

    assert found == []


def test_functions_import_nothing_of_the_project():
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files()
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[0] in FLOORS
    ]

    assert found == []


@pytest.mark.parametrize("folder", sorted(TEMPLATE_FLOORS))
def test_template_urls_point_down(folder):
    own = ORDER[TEMPLATE_FLOORS[folder]]
    found = []
    for path in (ROOT / "templates" / folder).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"{%\s*url\s+['\"]([\w-]+):", text):
            if ORDER[URL_OWNERS[name]] > own:
                found.append(f"{relative(path)} links to {name}")

    assert found == []
