"""A ticket as pages show it: the words of the file, and the code as a picture."""

import base64

from candidates.backends.ticket_pdf import BEIJING, times_of, words
from candidates.domain.pairing import qr_svg
from candidates.queries.tickets import Sheet


def shown_sheet(sheet: Sheet, *, photo: str) -> dict:
    """Return the context of `tickets/_sheet.html`; `photo` is an address or empty."""
    found, heading = words(), sheet.heading
    zone = heading.time_zone
    picture = base64.b64encode(qr_svg(heading.entry_url).encode()).decode()
    return {
        "words": found,
        "heading": heading,
        "name": sheet.name,
        "ticket_number": sheet.ticket_number,
        "post": sheet.post,
        "room": sheet.room,
        "times": times_of(sheet),
        "zone": found["beijing"] if zone == BEIJING else zone,
        "photo": photo,
        "code": f"data:image/svg+xml;base64,{picture}",
    }
