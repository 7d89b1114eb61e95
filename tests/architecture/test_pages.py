"""Pages under a strict policy: nothing inline, nothing from elsewhere."""

import re

from tests.architecture.source import ROOT, relative

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style|\sstyle=|\son\w+=\"",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(r"(?:src|href)=\"(?:https?:)?//", re.IGNORECASE)
IMPORT = re.compile(
    r"^\s*(?:import|export)\b[^;]*?from\s+[\"']([^\"']+)[\"'](;?)", re.MULTILINE
)


def templates():
    return sorted((ROOT / "templates").rglob("*.html"))


def scripts():
    return sorted((ROOT / "static" / "js").rglob("*.js"))


def test_templates_hold_no_inline_script_or_style():
    found = [relative(p) for p in templates() if INLINE.search(p.read_text("utf-8"))]

    assert templates()
    assert found == []


def test_inline_script_planted_is_found():
    assert INLINE.search("<script>alert(1)</script>")
    assert INLINE.search('<p style="color: red">')
    assert INLINE.search('<a onclick="x()">')
    assert not INLINE.search('<script type="module" src="/x.js"></script>')


def test_templates_load_nothing_from_elsewhere():
    found = [relative(p) for p in templates() if ELSEWHERE.search(p.read_text("utf-8"))]

    assert found == []


def test_module_imports_are_relative_literal_and_end_in_a_semicolon():
    found = []
    for path in scripts():
        for target, semicolon in IMPORT.findall(path.read_text("utf-8")):
            file = (path.parent / target).resolve()
            if not target.startswith(".") or not semicolon or not file.exists():
                found.append(f"{relative(path)}: {target}")

    assert scripts()
    assert found == []


def test_scripts_write_no_markup_and_no_styles():
    banned = re.compile(
        r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|eval\("
    )
    found = [relative(p) for p in scripts() if banned.search(p.read_text("utf-8"))]

    assert found == []
