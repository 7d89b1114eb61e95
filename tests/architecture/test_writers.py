"""Only `domain/` writes, and only a machine moves a state."""

import ast

from tests.architecture.source import ROOT, python_files, relative, tree_of

WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "get_or_create",
    "update_or_create",
    "delete",
}
MANAGERS = {"objects", "_base_manager", "_default_manager"}
# Django's own contracts: the admin saves the forms it drew, and audits each of them.
MAY_WRITE = ("exams/admin/base.py", "exams/kernel/states.py")


def writes_in(path, tree):
    """Yield calls like `rows.objects…create(…)` and `row.save(…)`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in WRITES:
            continue
        chain = names_in(node.func.value)
        # `image.save(path)` and `book.save(buffer)` take what to write to; a row's
        # own `save()` takes nothing but keywords.
        row_save = node.func.attr == "save" and not node.args and not is_dry(node)
        if row_save or (node.func.attr != "save" and MANAGERS & set(chain)):
            yield f"{relative(path)}:{node.lineno} .{node.func.attr}()"


def is_dry(call):
    """`formset.save(commit=False)` only makes rows; it stores nothing."""
    return any(
        keyword.arg == "commit" and getattr(keyword.value, "value", None) is False
        for keyword in call.keywords
    )


def names_in(node):
    found = []
    while True:
        if isinstance(node, ast.Attribute):
            found.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            if isinstance(node, ast.Name):
                found.append(node.id)
            return found


def state_moves_in(path, tree):
    """Yield `x.state = …` and `update(state=…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                # `self.state` of a plain object is no row's state.
                if (
                    isinstance(target, ast.Attribute)
                    and target.attr == "state"
                    and getattr(target.value, "id", "") != "self"
                ):
                    yield f"{relative(path)}:{node.lineno} assigns .state"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            keywords = {keyword.arg for keyword in node.keywords}
            if node.func.attr in {"update", "bulk_update"} and "state" in keywords:
                yield f"{relative(path)}:{node.lineno} update(state=…)"


def test_rows_are_written_in_domain_only():
    found = [
        line
        for path in python_files()
        if "/domain/" not in relative(path) and relative(path) not in MAY_WRITE
        for line in writes_in(path, tree_of(path))
        if not line.startswith("candidates/simulation/")
    ]

    assert found == []


def test_state_is_moved_by_the_machine_only():
    found = [
        line for path in python_files() for line in state_moves_in(path, tree_of(path))
    ]

    assert found == []


def test_planted_writes_and_moves_are_found():
    tree = ast.parse(
        "Attempt.objects.filter(pk=1).update(state='x')\nattempt.state = 'y'\nrow.save()"
    )
    path = ROOT / "candidates" / "views" / "planted.py"

    assert len(list(writes_in(path, tree))) == 2
    assert len(list(state_moves_in(path, tree))) == 2
