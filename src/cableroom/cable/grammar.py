"""The fixed words of the text form: keys in their order, and the lines of text that need a `\\`."""

from __future__ import annotations

import re
from typing import Final

HEADING_KEYS: Final = (
    "MRN",
    "DTG",
    "FROM",
    "TO",
    "INFO",
    "XMT",
    "ON BEHALF OF",
    "PRECEDENCE",
    "CLASSIFICATION",
    "CATEGORIES",
    "CAPTIONS",
    "POLICY",
    "DECLASSIFY ON",
    "TAGS",
    "LANGUAGE",
    "KIND",
    "CONCERNS",
    "EXERCISE",
    "SUBJECT",
    "REFS",
    "FILES",
    "REPORT BY",
    "REPLY BY",
    "EXPIRES",
    "ORIGINATOR REFERENCE",
    "HANDLING",
)
FOOT_KEYS: Final = ("DRAFTED", "CLEARED", "RELEASED", "DIGESTS", "SIGNED")

# One item a line, each further one indented to the column of the first.
ITEM_A_LINE: Final = frozenset({"REFS", "FILES", "CLEARED", "DIGESTS"})

MARK: Final = r"\(([A-Z](?:[A-Z0-9/ -]{0,30}[A-Z0-9/-])?)\) "

# What would be read as something else at the beginning of a line of text.
NEEDS_ESCAPE: Final = re.compile(
    r"\\|>|[0-9]+\. |"
    + MARK
    + "|(?:"
    + "|".join(HEADING_KEYS + FOOT_KEYS)
    + r"): |ACTION [0-9]|OUTCOME OF [A-Z] |COURTESY TRANSLATION "
)

CLAUSES: Final = "FOR (…), URGENT, BY, ON INSTRUCTIONS OF, IN"


def escape(line: str) -> str:
    """A line of text as it is written."""
    return "\\" + line if NEEDS_ESCAPE.match(line) else line


def quote(name: str) -> str:
    """A name in quotes."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(inner: str) -> str:
    """A name as it stands between its quotes, with `\\"` and `\\\\` read."""
    return re.sub(r"\\(.)", r"\1", inner)
