"""The fonts of printed tickets: found, asked for characters, and cut down.

A CJK font is some twenty megabytes; a run cuts it once to the characters that its
tickets use, so that each file takes milliseconds. No models.
"""

from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, TTLibError, newTable

from exams.kernel.errors import Refusal

# What the hinting program of a font would need; ours has none.
ZEROES = (
    *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
    *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"),
    *("maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours"),
    "maxComponentDepth",
)
SIMPLIFIED = "SC"  # the face of a collection whose shapes mainland readers know
# What selects a variant of the letter before it, or joins two, has no shape itself.
SELECTORS = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
SHAPELESS = SELECTORS | {"\n", "\u200d", "\u2060"}


class FontMissing(Refusal):
    """Boxes instead of names would be worse than no ticket. Facts: `path`."""

    code = "font_missing"
    status = 503
    message = _(
        "This server has no font for tickets: %(path)s cannot be read. Install the "
        "Debian package fonts-noto-cjk, or name another font in PDF_FONTS."
    )


class Fonts:
    """Every font of `PDF_FONTS`, in order; raises `FontMissing` when one is not there.

    A context manager: the files stay open as long as it is used.
    """

    def __init__(self) -> None:
        self._paths = [Path(name) for name in settings.PDF_FONTS]
        self._fonts: list[TTFont] = []

    def __enter__(self) -> "Fonts":
        for path in self._paths or [Path("PDF_FONTS")]:
            try:
                self._fonts.append(_open(path))
            except (OSError, TTLibError):
                self.__exit__()
                raise FontMissing(path=str(path)) from None
        return self

    def __exit__(self, *_exception: object) -> None:
        for font in self._fonts:
            font.close()

    @cached_property
    def _covered(self) -> list[frozenset[int]]:
        return [frozenset(font.getBestCmap()) for font in self._fonts]

    def missing(self, text: str) -> list[str]:
        """Return the characters that none of the fonts has, each once, sorted."""
        wanted = set(text) - SHAPELESS
        return sorted(
            one
            for one in wanted
            if not any(ord(one) in covered for covered in self._covered)
        )

    def cut(self, text: str, *, folder: Path) -> list[Path]:
        """Write each font with the characters of `text` only; return the files.

        A font that adds nothing to the ones before it is left out.
        """
        wanted, files = {ord(one) for one in set(text) - SHAPELESS}, []
        for number, (font, covered) in enumerate(
            zip(self._fonts, self._covered, strict=True)
        ):
            mine = wanted & covered
            wanted -= mine
            if mine or not files:
                files.append(_cut(font, mine, folder / f"font-{number}.ttf"))
        return files


def readable() -> bool:
    """Return whether tickets could be printed on this machine."""
    try:
        with Fonts():
            return True
    except FontMissing:
        return False


def _open(path: Path) -> TTFont:
    if path.suffix.lower() != ".ttc":
        return TTFont(path, lazy=True)
    with TTCollection(path, lazy=True) as faces:
        names = [face["name"].getDebugName(1) or "" for face in faces]
    chosen = [n for n, name in enumerate(names) if name.endswith(SIMPLIFIED)]
    return TTFont(path, fontNumber=chosen[0] if chosen else 0, lazy=True)


def _cut(font: TTFont, characters: set[int], path: Path) -> Path:
    options = subset.Options()
    options.layout_features = []
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "GDEF"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters | {0x20})
    subsetter.subset(font)
    if "glyf" not in font:
        _bend(font)
    font.save(path)
    return path


def _bend(font: TTFont) -> None:
    """Give a PostScript font TrueType outlines: each PDF is then made ten times faster.

    Curves differ by at most a thousandth of the letter's height.
    """
    shapes, order = font.getGlyphSet(), font.getGlyphOrder()
    bent = {}
    for name in order:
        pen = TTGlyphPen(shapes)
        error = font["head"].unitsPerEm / 1000
        shapes[name].draw(Cu2QuPen(pen, error, reverse_direction=True))
        bent[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, bent
    if "VORG" in font:
        del font["VORG"]
    del font["CFF "]
    for name in order:
        glyf[name].recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyf[name], "xMin", 0))
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for name in ZEROES:
        setattr(maxp, name, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\000\001\000\000"
