"""TAGS: subject codes, and which kind of thing a code stands for by its form."""

from __future__ import annotations

import re
from typing import Final

# Traffic analysis by geography and subject: two letters name a country, four a topic; organisations have
# three, or five to eight; a person is named by two words or more.
_FORMS: Final = (
    ("country", re.compile(r"[A-Z]{2}")),
    ("topic", re.compile(r"[A-Z]{4}")),
    ("organisation", re.compile(r"[A-Z][A-Z0-9/-]{2,7}")),
    ("person", re.compile(r"[A-Z][A-Z-]+(?: [A-Z][A-Z-]*)+")),
)


def form_of(tag: str) -> str | None:
    """`country`, `topic`, `organisation` or `person`; None where the form tells nothing."""
    return next((kind for kind, form in _FORMS if form.fullmatch(tag)), None)
