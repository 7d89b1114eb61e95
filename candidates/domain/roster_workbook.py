"""Workbooks of a roster: what is looked at before one is opened, then its rows.

Pure: bytes in, rows out. The archive is walked once, block by block, so that what it
unpacks to is known and not believed; then a process with limits of its own reads the
sheet. Formulas are never evaluated: their places are handed on, to be refused.
"""

import io
import marshal
import re
import subprocess
import sys
import threading
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from xml.etree import ElementTree as ET

from candidates.backends import sheet_reader
from candidates.domain.roster_errors import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Deadline,
    Locked,
    RosterUnreadable,
    Suspicious,
    TooLarge,
    TooSlow,
    Unusual,
    WrongType,
)

MAX_ENTRIES = 200
MAX_RATIO = 50
MAX_UNPACKED = 128 * 2**20
MAX_BOOK = 2**20  # the list of sheets
MAX_FORMULAS = 20_000
BLOCK = 2**20
OVERLAP = 512  # longer than the start of any honest cell
READER_BYTES = 384 * 2**20
READER_SECONDS = 15
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
MARKS = (b"<!DOCTYPE", b"<!ENTITY", b"\0")
# Every spreadsheet program writes r="C12"; what does not could not be looked through.
ODD_ADDRESS = re.compile(rb"[\s\"']r(?:\s+=|=\s|=')")
FAR = re.compile(rb'\sr="(?:[A-Za-z]{1,3}(\d{6,})|([A-Za-z]{2,})\d|(\d{6,})")')
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*>\s*<(?:\w+:)?f[\s/>]"
)
NAMESPACES = {
    "m": "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}",
    "s": "{http://purl.oclc.org/ooxml/spreadsheetml/main}",
}
LINK = re.compile(r"\{[^}]*/relationships\}id$")

Places = dict[int, frozenset[int]]


def workbook_rows(
    data: bytes, deadline: Deadline
) -> Iterator[tuple[int, list, frozenset[int]]]:
    """Yield `(line, cells, formula columns)` of the first visible sheet.

    Dates and durations come as `(text,)`. Raises a `RosterUnreadable` before the
    first row for an archive that is not safe to open.
    """
    index, formulas = _inspect(data, deadline)
    line = 0
    for batch in _read(data, index, deadline):
        for cells in batch:
            line += 1
            yield line, cells, formulas.get(line, frozenset())


def _inspect(data: bytes, deadline: Deadline) -> tuple[int, Places]:
    """Return the index of the sheet to read and the places of its formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive, len(data))
            index, path = _first_sheet(archive)
            places: Places = {}
            for entry in archive.infolist():
                deadline.check()
                look = _SheetLook() if entry.filename == path else None
                _walk(archive, entry, look, deadline)
                if look:
                    places = look.places()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError) as error:
        raise WrongType from error
    except RuntimeError as error:  # an encrypted entry
        raise Locked from error
    except (NotImplementedError, EOFError, OSError, ValueError, zlib.error) as error:
        raise WrongType from error
    return index, places


def _check_archive(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    names = Counter(entry.filename.casefold().replace("\\", "/") for entry in entries)
    if len(entries) > MAX_ENTRIES or max(names.values(), default=0) > 1:
        raise Suspicious
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(size, 2**16):
        raise Suspicious
    if "xl/workbook.xml" not in names:
        raise WrongType
    if any(entry.compress_type not in METHODS for entry in entries):
        raise Unusual


def _walk(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    look: "_SheetLook | None",
    deadline: Deadline,
) -> None:
    # One byte more than it states: what an entry says of its size is not believed.
    probe = copy(entry)
    probe.file_size = entry.file_size + 1
    is_xml = entry.filename.endswith((".xml", ".rels"))
    total, tail = 0, b""
    with archive.open(probe) as file:
        while block := file.read(BLOCK):
            total += len(block)
            block = tail + block
            if is_xml and any(mark in block for mark in MARKS):
                raise Unusual
            if look:
                look.feed(block, seen=len(tail))
            tail = block[-OVERLAP:]
            deadline.check()
    if total != entry.file_size:
        raise Suspicious


class _SheetLook:
    """What the XML of the sheet says before a grid is made of it."""

    def __init__(self) -> None:
        self._height, self._width = 0, 0
        self._formulas = self._addressed = 0
        self._places: dict[int, set[int]] = {}

    def feed(self, block: bytes, *, seen: int) -> None:
        """Look at a block that begins with `seen` bytes of the one before."""
        if ODD_ADDRESS.search(block):
            raise Unusual
        for found in FAR.finditer(block):
            line, letters, row = found.groups()
            self._height = max(self._height, int(line or row or 0))
            if letters:
                self._width = max(self._width, 1 + column_index(letters.decode()))
        if self._height > MAX_ROWS + 1:
            raise TooLarge(limit=MAX_ROWS, unit=TooLarge.ROWS)
        if self._width > MAX_COLUMNS:
            raise TooLarge(limit=MAX_COLUMNS, unit=TooLarge.COLUMNS)
        if self._height * self._width > MAX_CELLS:
            raise TooLarge(limit=MAX_CELLS, unit=TooLarge.CELLS)
        self._find_formulas(block, seen)

    def places(self) -> Places:
        """Return the columns of the formulas by line."""
        if self._formulas != self._addressed:
            # A formula without an address could not be named, so it could slip through.
            raise Unusual
        return {line: frozenset(columns) for line, columns in self._places.items()}

    def _find_formulas(self, block: bytes, seen: int) -> None:
        ends = [found.end() for found in FORMULA.finditer(block)]
        self._formulas += sum(end > seen for end in ends)
        if self._formulas > MAX_FORMULAS:
            raise TooLarge(limit=MAX_FORMULAS, unit=TooLarge.FORMULAS)
        if not ends:
            return
        for found in FORMULA_CELL.finditer(block):
            if found.end() > seen:
                self._addressed += 1
                columns = self._places.setdefault(int(found[2]), set())
                columns.add(column_index(found[1].decode()))


def _first_sheet(archive: zipfile.ZipFile) -> tuple[int, str]:
    """Return index and path of the first sheet that a person would see."""
    links = {}
    for link in _small_xml(archive, "xl/_rels/workbook.xml.rels"):
        if link.get("Id") in links:
            raise Unusual
        links[link.get("Id")] = link.get("Target", "")
    book = _small_xml(archive, "xl/workbook.xml")
    sheets = [
        sheet for name in NAMESPACES.values() for sheet in book.iter(f"{name}sheet")
    ]
    for index, sheet in enumerate(sheets):
        if sheet.get("state", "visible") != "visible":
            continue
        ids = [value for key, value in sheet.attrib.items() if LINK.search(key)]
        if len(ids) != 1 or ids[0] not in links:
            raise Unusual
        path = links[ids[0]].lstrip("/")
        path = path if path.startswith("xl/") else f"xl/{path}"
        archive.getinfo(path)
        return index, path
    raise WrongType


def _small_xml(archive: zipfile.ZipFile, name: str) -> ET.Element:
    with archive.open(name) as file:
        text = file.read(MAX_BOOK + 1)
    if len(text) > MAX_BOOK:
        raise Suspicious
    if any(mark in text for mark in MARKS):
        raise Unusual
    try:
        return ET.fromstring(text)  # noqa: S314 - no document type gets here
    except ET.ParseError as error:
        raise WrongType from error


def _read(data: bytes, index: int, deadline: Deadline) -> Iterator[list]:
    """Yield batches of rows from the reader's process; it never outlives this."""
    command = [sys.executable, "-I", "-W", "ignore", str(Path(sheet_reader.__file__))]
    limits = [str(index), str(READER_BYTES), str(READER_SECONDS)]
    with subprocess.Popen(  # noqa: S603 - our own file and three numbers
        [*command, *limits],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as reader:
        alarm = threading.Timer(deadline.left(), reader.kill)
        alarm.start()
        try:
            _hand_over(reader, data)
            ended = yield from _batches(reader)
        finally:
            alarm.cancel()
            reader.kill()
    deadline.check()
    if not ended:
        raise _reason(reader.returncode)


def _hand_over(reader: subprocess.Popen, data: bytes) -> None:
    try:
        reader.stdin.write(data)
        reader.stdin.close()
    except BrokenPipeError:
        pass  # it ended early; its code says why


def _batches(reader: subprocess.Popen) -> Iterator[list]:
    while head := reader.stdout.read(sheet_reader.LENGTH_BYTES):
        body = reader.stdout.read(int.from_bytes(head, "big"))
        if len(body) != int.from_bytes(head, "big"):
            break
        batch = marshal.loads(body)  # noqa: S302 - written by our own process
        if not batch:
            return True
        yield batch
    reader.wait()
    return False


def _reason(code: int) -> RosterUnreadable:
    if code == sheet_reader.LOCKED:
        return Locked()
    if code == sheet_reader.UNREADABLE:
        return WrongType()
    # Killed at one of its limits, or out of memory.
    return TooSlow() if code < 0 and -code in {9, 24} else Suspicious()


def column_index(letters: str) -> int:
    """Return the index from 0 of the column that a spreadsheet calls `letters`."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1
