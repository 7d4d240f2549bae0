"""How a record is quoted: the house form of a citation, and what one that others wrote tells.

House form: “TITLE”, DATE, PUBLISHER, HOLDER OF THE ORIGINAL; copy obtained by A, provided to B, and on file at C;
translation by NAME <ADDRESS>. With straight quotation marks, as printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STEPS = ("obtained by", "provided to", "donated to", "transferred to", "published by", "on file at")

_CITATION = re.compile(
    r'"(?P<title>[^"]{1,400})", (?P<date>[^,]{1,40}, [0-9]{4}), (?P<rest>.+?)(?: <(?P<url>[^<> ]{1,500})>)?\Z'
)
_STEP = re.compile(rf"(?:, and |, |\A)(?P<how>{'|'.join(STEPS)}) ")


@dataclass(frozen=True, slots=True)
class Holding:
    """One link of the chain of custody: who held it, and how it came there (`original`: where the original is)."""

    holder: str
    how: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The parts of a citation in the house form."""

    title: str
    date: str
    publisher: str
    custody: tuple[Holding, ...]
    translator: str | None
    address: str | None


def print_citation(citation: Citation) -> str:
    """The house form of `citation`."""
    parts = [f'"{citation.title}", {citation.date}, {citation.publisher}']
    origin = [h for h in citation.custody if h.how == "original"]
    copies = [h for h in citation.custody if h.how != "original"]
    if origin:
        parts[0] += f", {origin[0].holder}"
    if copies:
        steps = [f"{h.how} {h.holder}" for h in copies]
        listed = steps[0] if len(steps) == 1 else ", ".join(steps[:-1]) + f", and {steps[-1]}"
        parts.append(f"copy {listed}")
    if citation.translator:
        parts.append(f"translation by {citation.translator}")
    return "; ".join(parts) + (f" <{citation.address}>" if citation.address else "")


def parse_citation(text: str) -> Citation | None:
    """Reads a citation in the house form; None where it is in another (it is then kept as written).

    What is returned prints to `text`, letter for letter.
    """
    match = _CITATION.match(text)
    if match is None:
        return None
    head, *more = match["rest"].split("; ")
    publisher, _, holder = head.partition(", ")
    custody = [Holding(holder, "original")] if holder else []
    translator = None
    for part in more:
        if part.startswith("copy "):
            custody += _steps(part.removeprefix("copy "))
        elif part.startswith("translation by "):
            translator = part.removeprefix("translation by ")
    citation = Citation(match["title"], match["date"], publisher, tuple(custody), translator, match["url"])
    return citation if print_citation(citation) == text else None


def _steps(text: str) -> list[Holding]:
    found = list(_STEP.finditer(text))
    ends = [m.start() for m in found[1:]] + [len(text)]
    return [Holding(text[m.end() : end], m["how"]) for m, end in zip(found, ends, strict=True)]
