"""States as colour, icon and word; nothing is said by colour alone."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

ATTEMPT = {
    "enrolled": ("idle", "todo"),
    "checked_in": ("info", "face"),
    "entered": ("ok", "rec"),
    "submitted": ("info", "upload"),
    "sealed": ("ok", "seal"),
    "marked": ("ok", "pen"),
    "released": ("ok", "ok"),
    "absent": ("idle", "none"),
    "withdrawn": ("idle", "exit"),
}
SESSION = {
    "draft": ("idle", "pen"),
    "published": ("info", "ok"),
    "scoring": ("info", "scale"),
    "released": ("ok", "ok"),
    "archived": ("idle", "lock"),
    "discarded": ("idle", "none"),
}
SHEET = {
    "draft": ("idle", "pen"),
    "submitted": ("info", "send"),
    "locked": ("ok", "lock"),
}


def badge(word: str, tone: str, icon: str) -> SafeString:
    """Return the badge of one state."""
    return format_html(
        '<span class="k-badge" data-tone="{}"><svg class="k-icon" aria-hidden="true">'
        '<use href="{}#{}"/></svg>{}</span>',
        tone,
        static("icons.svg"),
        icon,
        word,
    )


def yes_or_no(value: bool | None) -> SafeString | str:
    """Return a badge in words; the stock icon speaks `True` in every language."""
    if value is None:
        return "—"
    return badge(_("Yes"), "ok", "ok") if value else badge(_("No"), "idle", "none")


def state_badge(table: dict[str, tuple[str, str]], state: str, word: str) -> SafeString:
    """Return the badge of a state by its table."""
    return badge(word, *table.get(state, ("idle", "info")))
