"""The print stylesheet of one page: its mark, number and proof on every sheet.

The strings come from cables, and cables may be hostile: each is written as a CSS string in which
everything but letters, digits and blanks is an escape (CSS Syntax 3, §4.3.7), so that none can end it.
"""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi, gettext

from cableroom.web.viewing import PrintView

_JOINED = ("ar", "fa", "ur")


def css_string(text: str) -> str:
    """`text` as one CSS string, quotes included."""
    escaped = "".join(char if char.isalnum() or char == " " else f"\\{ord(char):06x}" for char in text)
    return f'"{escaped}"'


def stylesheet(view: PrintView) -> str:
    """The CSS of the margin boxes. Direction and face are set by hand: the boxes do not inherit them."""
    rtl = get_language_bidi()
    joined = (get_language() or "en").split("-")[0] in _JOINED
    before, between, after = (
        gettext("Page %(page)s of %(pages)s").replace("%(page)s", "\0").replace("%(pages)s", "\0").split("\0")
    )
    return render_to_string(
        "web/print.css",
        {
            "mark": css_string(view.mark),
            "corner": css_string(view.corner),
            "foot": css_string(view.foot),
            "proof": css_string(view.proof),
            "page_of": [css_string(part) for part in (before, between, after)],
            "face": '"CR Sans Ar", sans-serif' if joined else '"CR Sans", sans-serif',
            "spacing": "0" if joined else ".06em",
            "start": "right" if rtl else "left",
            "end": "left" if rtl else "right",
            "direction": "rtl" if rtl else "ltr",
        },
    )
