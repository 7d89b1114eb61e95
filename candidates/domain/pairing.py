"""The secrets of a pairing code: what the QR code carries, and six digits; pure.

Both follow from the row's code and the server's key. So the computer and an
administrator see the same code again after a reload, and the database alone tells
nobody what it is.
"""

import io

import qrcode
from qrcode.image.svg import SvgPathImage

from exams.kernel import keys, tokens

TOKEN_LENGTH = 32  # hexadecimal digits: 128 bits
DIGITS = 6


def token_of(code: str) -> str:
    """Return what the QR code's address ends with, 32 hexadecimal digits."""
    return keys.lookup_hash(code, purpose="companion-token")[:TOKEN_LENGTH]


def token_digest(token: str) -> str:
    """Return the form in which a token, or a phone's secret, is stored."""
    return tokens.digest(token)


def digits_of(code: str) -> str:
    """Return the six digits that open the same pairing by hand."""
    number = int(keys.lookup_hash(code, purpose="companion-digits"), 16)
    return f"{number % 10**DIGITS:0{DIGITS}}"


def digits_hash(digits: str) -> str:
    """Return the keyed hash by which typed digits are looked up."""
    return keys.lookup_hash(digits, purpose="companion-typed")


def qr_svg(link: str) -> str:
    """Return the link as an SVG picture of one path, black on nothing."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=2)
    code.add_data(link)
    picture = io.BytesIO()
    code.make_image(image_factory=SvgPathImage).save(picture)
    return picture.getvalue().decode()
