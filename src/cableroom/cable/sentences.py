"""Where sentences end: the default rules of UAX #29 §5, in one pass.

The property of each character comes from `uniseg`; its own walk over the rules is quadratic in runs of
blanks or brackets, which a text may hold at will.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from uniseg.sentencebreak import SentenceBreak, sentence_break

# One letter for each property: R CR, L LF, P Sep, E Extend, F Format, S Sp, l Lower, U Upper, O OLetter,
# N Numeric, A ATerm, C SContinue, T STerm, c Close, x any other.
_LETTER: Final = {
    SentenceBreak.CR: "R",
    SentenceBreak.LF: "L",
    SentenceBreak.SEP: "P",
    SentenceBreak.EXTEND: "E",
    SentenceBreak.FORMAT: "F",
    SentenceBreak.SP: "S",
    SentenceBreak.LOWER: "l",
    SentenceBreak.UPPER: "U",
    SentenceBreak.OLETTER: "O",
    SentenceBreak.NUMERIC: "N",
    SentenceBreak.ATERM: "A",
    SentenceBreak.SCONTINUE: "C",
    SentenceBreak.STERM: "T",
    SentenceBreak.CLOSE: "c",
}
# A paragraph separator, or a sentence's terminator with what belongs to it.
_END = re.compile(r"RL|[RLP]|([AT])c*+S*+")
_BEFORE_LOWER = re.compile(r"[^OUlRLPAT]*+l")  # SB8, what follows ATerm Close* Sp*


@lru_cache(maxsize=4096)
def _letter(char: str) -> str:
    return _LETTER.get(sentence_break(char), "x")


def sentence_ends(text: str) -> list[int]:
    """The offsets inside `text` where one sentence ends and another begins, ascending."""
    letters, places = _without_ignored([_letter(char) for char in text])
    found = []
    for match in _END.finditer(letters):
        end = match.end()
        if end < len(letters) and (match[1] is None or _breaks(letters, match.start(), end)):
            found.append(places[end])
    return found


def _without_ignored(letters: list[str]) -> tuple[str, list[int]]:
    """SB5: Extend and Format belong to the character before them, but for a separator."""
    kept = [
        place
        for place, letter in enumerate(letters)
        if letter not in "EF" or place == 0 or letters[place - 1] in "RLP"
    ]
    return "".join(letters[place] for place in kept), kept


def _breaks(letters: str, start: int, end: int) -> bool:
    """Whether a sentence ends at `end`, behind the terminator at `start` (SB6 to SB11)."""
    following = letters[end]
    if following in "RLPCAT":  # SB9, SB10: the separator still belongs to it; SB8a
        return False
    if letters[start] == "T":
        return True
    if end == start + 1:
        if following == "N":  # SB6
            return False
        if following == "U" and start and letters[start - 1] in "Ul":  # SB7
            return False
    return _BEFORE_LOWER.match(letters, end) is None
