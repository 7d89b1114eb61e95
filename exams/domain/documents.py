"""Files of documents: looked at by their bytes, never by name or stated type.

A picture is encoded anew, so that only pixels are kept; a PDF with active content is
refused; a text is decoded. Owns the file columns of `Document`. A file is stored once
and served without being executed: as a download, of the type that was found.
"""

import hashlib
import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from exams.enums import DocumentKind
from exams.kernel.errors import Refusal
from exams.kernel.tokens import random_code
from exams.models import Document

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 40_000_000
PDF, JPEG, PNG, TEXT = "application/pdf", "image/jpeg", "image/png", "text/plain"
SUFFIX = {PDF: "pdf", JPEG: "jpg", PNG: "png", TEXT: "txt"}
# What a reader would run or open by itself; written out in every plain PDF.
ACTIVE = (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch", b"/EmbeddedFile", b"/RichMedia")
TAIL = 2048
TEXT_CODINGS = ("utf-8-sig", "gb18030")


class FileTooLarge(Refusal):
    code = "file_too_large"
    status = 413
    message = _("The file is too large: at most %(megabytes)s MB.")


class FileUnknown(Refusal):
    """Neither a PDF, a JPEG or PNG picture, nor a plain text; or damaged."""

    code = "file_unknown"
    status = 422
    message = _(
        "This is no PDF, JPEG, PNG or plain text that can be read, whatever its name "
        "says. Export it again."
    )


class FileActive(Refusal):
    code = "file_active"
    status = 422
    message = _(
        "This PDF contains scripts, programs or other files. Print it into a new PDF."
    )


class PictureNeeded(Refusal):
    code = "picture_needed"
    status = 422
    message = _("A sample picture needs a JPEG or PNG file.")


@dataclass(frozen=True)
class CheckedFile:
    """What may be kept and served: the bytes, and the type that they are."""

    data: bytes
    mime: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def check_file(raw: bytes) -> CheckedFile:
    """Return what the bytes really are.

    Raises `FileTooLarge` before anything is parsed, `FileActive`, `FileUnknown`.
    """
    if len(raw) > MAX_BYTES:
        raise FileTooLarge(megabytes=MAX_BYTES // 2**20)
    if raw.startswith(b"%PDF-"):
        return _checked_pdf(raw)
    if raw.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _checked_picture(raw)
    return _checked_text(raw)


def attach(document: Document, checked: CheckedFile | None) -> Document:
    """Put a checked file on an unsaved document, or take its file away.

    Raises `PictureNeeded` where the kind asks for another type.
    """
    is_sample = document.kind == DocumentKind.SAMPLE
    if is_sample and (checked is None or checked.mime not in (JPEG, PNG)):
        raise PictureNeeded
    if checked is None:
        document.file = ""
        document.file_type, document.file_digest, document.file_size = "", "", 0
        return document
    # The folder tells nothing; what a reader sees is made from the title.
    document.file = ContentFile(checked.data, name=f"{random_code(20)}.bin")
    document.file_type = checked.mime
    document.file_digest = checked.digest
    document.file_size = len(checked.data)
    return document


def download_name(document: Document) -> str:
    """Return a file name without path or control characters: title and suffix."""
    kept = "".join(
        one if one.isalnum() or one in " -_" else "_" for one in document.title
    )
    suffix = SUFFIX.get(document.file_type, "bin")
    return f"{kept.strip() or 'document'}.{suffix}"


def in_language(documents: Iterable[Document], language: str) -> list[Document]:
    """Return what a reader of the language gets: theirs, and those of every language.

    Where a kind has none for them, they get all of it: better read than missed.
    """
    documents = list(documents)
    found = []
    for document in documents:
        same_kind = [one for one in documents if one.kind == document.kind]
        meant = [one for one in same_kind if one.language in ("", language)]
        if document in (meant or same_kind):
            found.append(document)
    return found


def _checked_pdf(raw: bytes) -> CheckedFile:
    if b"%%EOF" not in raw[-TAIL:]:
        raise FileUnknown
    if any(mark in raw for mark in ACTIVE):
        raise FileActive
    return CheckedFile(raw, PDF)


def _checked_picture(raw: bytes) -> CheckedFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG"))
            # The header states the size; a bomb is refused before it is unpacked.
            if picture.width * picture.height > MAX_PIXELS:
                raise FileTooLarge(megabytes=MAX_BYTES // 2**20)
            return _encoded(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileTooLarge(megabytes=MAX_BYTES // 2**20) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise FileUnknown from None


def _encoded(picture: Image.Image) -> CheckedFile:
    kind = picture.format
    upright, buffer = ImageOps.exif_transpose(picture), io.BytesIO()
    if kind == "PNG":
        upright.convert("RGBA").save(buffer, "PNG", optimize=False)
        return CheckedFile(buffer.getvalue(), PNG)
    upright.convert("RGB").save(buffer, "JPEG", quality=90)
    return CheckedFile(buffer.getvalue(), JPEG)


def _checked_text(raw: bytes) -> CheckedFile:
    for coding in TEXT_CODINGS:
        try:
            text = raw.decode(coding)
        except UnicodeDecodeError:
            continue
        if text.strip() and all(one.isprintable() or one in "\r\n\t" for one in text):
            return CheckedFile(text.encode(), TEXT)
        break
    raise FileUnknown
