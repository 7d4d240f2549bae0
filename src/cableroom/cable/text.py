"""The text form: what officers type and teletypes print. It parses and prints without loss.

For every cable `parse_cable(print_cable(cable)) == uncut(cable)`; a draft's text, printed again, prints
to itself. The grammar is docs/reference/text-form.md.
"""

from __future__ import annotations

import re

from cableroom.cable.characters import composed
from cableroom.cable.parsing import parse_cable, parse_draft
from cableroom.cable.printing import print_cable, print_draft

__all__ = ["parse_cable", "parse_draft", "print_cable", "print_draft", "tidy"]

_BLANKS_AT_END = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)


def tidy(text: str) -> str:
    """What a person typed, with the differences taken out that nobody can see.

    Line ends become LF, one at the end; blanks and TABs at line ends go, and empty lines at the beginning
    and end; characters are composed (NFC). Only for drafts: what claims to be a cable is never repaired.
    """
    text = composed(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _BLANKS_AT_END.sub("", text).strip("\n") + "\n"
