"""Which characters a cable may hold.

Strings are NFC. They hold no control character (LF only where lines are allowed), no surrogate, private-use
or unassigned code point, no U+2028, U+2029, U+FEFF and no bidirectional embedding or override U+202A … 202E.
Joiners and isolates stand: many scripts need them. No line begins or ends with a blank (category Zs).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

BLANKS: Final = frozenset(chr(code) for code in range(0x3001) if unicodedata.category(chr(code)) == "Zs")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAMED: Final = {
    "\t": "a TAB",
    "\r": "a carriage return",
    "\n": "a line end",
    "\u2028": "a line separator",
    "\u2029": "a paragraph separator",
    "\ufeff": "a byte order mark",
} | {chr(code): "a bidirectional embedding or override" for code in range(0x202A, 0x202F)}
_FORBIDDEN: Final = frozenset(_NAMED)
_WHAT: Final = {
    "Cc": "a control character",
    "Cs": "half of a surrogate pair",
    "Co": "a private-use character",
    "Cn": "a character that Unicode has not assigned",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """The first character that may not stand: its place in the string, a code, what and what to do."""

    index: int
    code: str
    what: str
    do: str


def first_fault(text: str, *, lines: bool = False) -> Fault | None:
    """The first forbidden character of `text`, or None; `lines` allows LF.

    Code `unassigned` is given only where nothing else is wrong with the characters: newer Unicode tables
    may know them.
    """
    if text.isascii():
        found = _CONTROL.search(text.replace("\n", " ") if lines else text)
        return None if found is None else _forbidden(text, found.start())
    bad, unknown = set(), set()
    for char in set(text):
        category = unicodedata.category(char)
        if category == "Cn" and not _is_noncharacter(char):
            unknown.add(char)
        elif category in _WHAT or char in _FORBIDDEN:
            bad.add(char)
    if lines:
        bad.discard("\n")
    if bad:
        return _forbidden(text, min(map(text.index, bad)))
    if unknown:
        return _forbidden(text, min(map(text.index, unknown)), code="unassigned")
    return _not_composed(text)


def _forbidden(text: str, index: int, *, code: str = "characters") -> Fault:
    char = text[index]
    kind = (
        "a noncharacter" if _is_noncharacter(char) else _NAMED.get(char) or _WHAT[unicodedata.category(char)]
    )
    do = "Take it out." if code == "characters" else "Newer Unicode tables may know it."
    return Fault(index, code, f"U+{ord(char):04X}, {kind}, may not stand here.", do)


def _is_noncharacter(char: str) -> bool:
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


def _not_composed(text: str) -> Fault | None:
    # The library sorts runs of combining marks in quadratic time. What is out of order, or holds a
    # character that NFC replaces, is no NFC anyway: only what is left is given to it.
    here = _unordered(text)
    if here is None:
        replaced = [char for char in set(text) if unicodedata.normalize("NFC", char) != char]
        here = min(map(text.index, replaced)) if replaced else None
    if here is None and not unicodedata.is_normalized("NFC", text):
        here = _first_difference(text)
    if here is None:
        return None
    return Fault(here, "nfc", "This is not in Unicode NFC.", "Compose its characters (NFC).")


def _classes(text: str) -> dict[str, int]:
    """The combining class of each mark in `text`."""
    return {char: number for char in set(text) if (number := unicodedata.combining(char))}


def _unordered(text: str) -> int | None:
    """The index of the first mark that stands behind one of a greater class."""
    classes = _classes(text)
    if len(set(classes.values())) < 2:
        return None
    numbers = (classes.get(char, 0) for char in text)
    return next((at for at, (one, two) in enumerate(pairwise(numbers), 1) if one > two > 0), None)


def _first_difference(text: str) -> int:
    start = 0
    for line in text.split("\n"):
        composed = unicodedata.normalize("NFC", line)
        if composed != line:
            pairs = zip(line, composed, strict=False)
            return start + next((at for at, (old, new) in enumerate(pairs) if old != new), len(composed))
        start += len(line) + 1
    return start


def composed(text: str) -> str:
    """`text` in NFC; as it is if it heaps up more marks on a letter than any script does."""
    classes = _classes(text)
    heap = 0
    for char in text if len(set(classes.values())) > 1 else "":
        heap = heap + 1 if char in classes else 0
        if heap > 100:
            return text
    return unicodedata.normalize("NFC", text)


def blank_at_edge(line: str) -> int | None:
    """The index of a blank at the beginning or end of `line`, or None."""
    if line and line[0] in BLANKS:
        return 0
    return len(line) - 1 if line and line[-1] in BLANKS else None
