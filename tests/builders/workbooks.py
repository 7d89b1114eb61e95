"""Workbooks and archives that no honest program writes."""

import io
import struct
import zipfile

from tests.builders.rosters import make_people, make_xlsx

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def make_zip(entries, *, method=zipfile.ZIP_DEFLATED) -> bytes:
    """`entries` is `{name: bytes}` or a list of pairs, when a name comes twice."""
    file = io.BytesIO()
    pairs = entries.items() if isinstance(entries, dict) else entries
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in pairs:
            archive.writestr(name, data)
    return file.getvalue()


def entries_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_entries(changes=None, *, people=2, drop=(), **kwargs) -> bytes:
    """An honest workbook with some of its parts replaced, added or left out."""
    entries = entries_of(make_xlsx(make_people(people))) | (changes or {})
    return make_zip({k: v for k, v in entries.items() if k not in drop}, **kwargs)


def with_sheet(body: bytes, *, head: bytes = b"") -> bytes:
    xml = b'<worksheet xmlns="%s">%s<sheetData>%s</sheetData></worksheet>'
    return with_entries({SHEET: xml % (MAIN.encode(), head, body)})


def edited(name: str, old: bytes, new: bytes, *, people: int = 2) -> bytes:
    part = entries_of(make_xlsx(make_people(people)))[name]
    assert old in part
    return with_entries({name: part.replace(old, new)}, people=people)


def lying(data: bytes, *, about: str, size: int) -> bytes:
    """State another unpacked size for one entry, in its directory and its own head."""
    raw = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo(about)
    struct.pack_into("<I", raw, entry.header_offset + 22, size)
    start = data.index(b"PK\x01\x02")
    while data[start : start + 4] == b"PK\x01\x02":
        name, extra, note = struct.unpack_from("<HHH", data, start + 28)
        if data[start + 46 : start + 46 + name] == about.encode():
            struct.pack_into("<I", raw, start + 24, size)
        start += 46 + name + extra + note
    return bytes(raw)


def encrypted(data: bytes) -> bytes:
    """Set the flag of a password on every entry."""
    raw = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            raw[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(raw)
