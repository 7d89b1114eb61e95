"""Files of documents: what their bytes are, and what is refused."""

import io

import pytest
from PIL import Image

from exams.domain import documents
from exams.kernel.errors import Refusal
from exams.models import Document

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n"


def picture(kind="PNG", size=(30, 20)):
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("raw", "mime"),
    [
        (PDF, "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        ("请带一支笔。\n".encode(), "text/plain"),
        ("请带一支笔。".encode("gb18030"), "text/plain"),
    ],
)
def test_type_is_what_the_bytes_are(raw, mime):
    assert documents.check_file(raw).mime == mime


def test_picture_keeps_its_pixels_and_nothing_behind_them():
    raw = picture("PNG") + b"<script>alert(1)</script>"

    checked = documents.check_file(raw)

    assert b"script" not in checked.data
    assert Image.open(io.BytesIO(checked.data)).size == (30, 20)


def test_text_is_kept_as_utf_8():
    checked = documents.check_file("须知".encode("gb18030"))

    assert checked.data.decode() == "须知"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "file_unknown"),
        (b"   \n", "file_unknown"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "file_unknown"),
        (b"PK\x03\x04\x14\x00\x00\x00", "file_unknown"),
        (b"\x00\x01text", "file_unknown"),
        (PDF.replace(b"%%EOF", b""), "file_unknown"),
        (
            PDF.replace(b"/Type", b"/OpenAction << /JavaScript (x) >> /Type"),
            "file_active",
        ),
        (PDF.replace(b"/Type", b"/Launch (cmd.exe) /Type"), "file_active"),
        (picture("PNG")[:40], "file_unknown"),
        (picture("JPEG")[:60], "file_unknown"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "file_unknown"),
        (b"x" * (documents.MAX_BYTES + 1), "file_too_large"),
    ],
)
def test_other_or_damaged_file_is_refused(raw, code):
    with pytest.raises(Refusal) as refusal:
        documents.check_file(raw)

    assert refusal.value.code == code


def test_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(documents, "MAX_PIXELS", 500)

    with pytest.raises(documents.FileTooLarge):
        documents.check_file(picture("PNG", (30, 20)))


def test_sample_picture_takes_a_picture_only():
    sample = Document(kind="sample_picture", title="Front")

    with pytest.raises(documents.PictureNeeded):
        documents.attach(sample, documents.check_file(PDF))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("操作手册", "操作手册.pdf"),
        ('../../etc/passwd\r\nX: "y"', "______etc_passwd__X_ _y_.pdf"),
        ("   ", "document.pdf"),
    ],
)
def test_download_name_holds_no_path_and_no_header(title, name):
    assert (
        documents.download_name(Document(title=title, file_type="application/pdf"))
        == name
    )


def test_reader_gets_their_language_and_what_is_for_everybody():
    rows = {
        name: Document(kind=kind, title=name, language=language)
        for name, kind, language in (
            ("zh flow", "flow", "zh-hans"),
            ("en flow", "flow", "en"),
            ("all rules", "rules", ""),
            ("zh notice", "notice", "zh-hans"),
        )
    }

    found = [
        [one.title for one in documents.in_language(rows.values(), language)]
        for language in ("en", "zh-hans")
    ]

    assert found == [
        ["en flow", "all rules", "zh notice"],
        ["zh flow", "all rules", "zh notice"],
    ]
