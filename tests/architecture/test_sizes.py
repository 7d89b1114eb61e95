"""Sizes within reason: a long file or function is two ideas."""

import ast

from tests.architecture.source import ROOT, python_files, relative, tree_of

FILE_LINES, FUNCTION_LINES, SCRIPT_LINES, TEMPLATE_LINES = 400, 60, 250, 150


def test_files_stay_readable():
    limits = [(path, FILE_LINES) for path in python_files()]
    limits += [(p, SCRIPT_LINES) for p in (ROOT / "static" / "js").rglob("*.js")]
    limits += [(p, TEMPLATE_LINES) for p in (ROOT / "templates").rglob("*.html")]

    found = [
        f"{relative(path)}: {lines}"
        for path, limit in limits
        if (lines := len(path.read_text("utf-8").splitlines())) > limit
    ]

    assert found == []


def test_functions_stay_readable():
    found = [
        f"{relative(path)}:{node.lineno} {node.name}: {lines}"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := node.end_lineno - node.lineno + 1) > FUNCTION_LINES
    ]

    assert found == []


def test_public_functions_of_domain_and_kernel_say_their_contract():
    found = []
    for path in python_files("exams", "candidates", "proctoring", "helpdesk"):
        name = relative(path)
        if "/domain/" not in name and "/kernel/" not in name:
            continue
        tree = tree_of(path)
        if tree.body and not ast.get_docstring(tree):
            found.append(f"{name}: no module docstring")
        if "/domain/" not in name:
            continue
        found += [
            f"{name}:{node.lineno} {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]

    assert found == []
