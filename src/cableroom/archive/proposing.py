"""The instructions that a text of old seems to hold, proposed for a person to confirm; nothing is taken as given."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cableroom.archive.recordform import RecordText

_SAY = re.compile(
    r"(?:[Yy]ou (?:should|are to|must|are instructed to)|[Pp]lease|[Ii]mmediately)(?P<urgent> urgently| immediately| at once)? "
    r"(?:meet|see|call on|visit|approach)(?: with)? (?P<whom>[^,.:;]{2,120}?)(?P<late> without delay| at once| urgently)?,? and"
    r"(?:, (?:quoting|on|upon|citing) (?:the )?instructions of (?P<authority>[^,:]{2,120}),)?"
    r" (?:say|tell (?:him|her|them)|convey|deliver|state|transmit)\b[^:]{0,80}:\Z"
)
_INFORM = re.compile(
    r"(?:[Yy]ou (?:should|are to|must)|[Pp]lease) inform (?P<whom>.{2,120}?) (?:about|of|that) (?P<what>[^.]{2,300})\."
)
_REPORT = re.compile(
    r"(?:[Ww]ire|[Ss]end|[Tt]elegraph|[Cc]able|[Tt]ransmit|[Pp]lease (?:send|wire)) (?:the |a |your )?report (?P<what>[^.]{0,200})\."
    r"|[Rr]eport (?P<short>(?:by (?:wire|telegraph|cable)|on|upon)[^.]{0,200})\."
)
OPENING, CLOSING = '"“«„', '"”»“'


@dataclass(frozen=True, slots=True)
class Proposal:
    """One instruction as it seems to stand in the text.

    `act` is deliver, inform or report; `words` are the paragraphs to be said, without the quotation marks round the
    whole; `paragraphs` are the numbers of the paragraphs that it was read from.
    """

    no: int
    act: str
    target: str | None
    authority: str | None
    what: str | None
    urgent: bool
    words: tuple[str, ...]
    paragraphs: tuple[int, ...]


def propose(text: RecordText) -> tuple[Proposal, ...]:
    """What `text` seems to instruct, in its order. An empty tuple where nothing was recognised."""
    found: list[Proposal] = []
    n = 0
    while n < len(text.paragraphs):
        paragraph = text.paragraphs[n]
        match = _SAY.match(paragraph)
        if match:
            words, until = _quotation(text.paragraphs, n + 1)
            if words:
                found.append(
                    Proposal(
                        len(found) + 1, "deliver", match["whom"], match["authority"], None,
                        bool(match["urgent"] or match["late"]), words, tuple(range(n + 1, until + 1)),
                    )
                )  # fmt: skip
                n = until
                continue
        found += _sentences(paragraph, n + 1, len(found))
        n += 1
    return tuple(found)


def _sentences(paragraph: str, number: int, already: int) -> list[Proposal]:
    matches = [(m.start(), "inform", m) for m in _INFORM.finditer(paragraph)]
    matches += [(m.start(), "report", m) for m in _REPORT.finditer(paragraph)]
    out = []
    for i, (_, act, match) in enumerate(sorted(matches, key=lambda found: found[0]), already + 1):
        if act == "inform":
            out.append(Proposal(i, act, match["whom"], None, match["what"], False, (), (number,)))
        else:
            out.append(
                Proposal(
                    i,
                    act,
                    None,
                    None,
                    (match["what"] or match["short"]).strip() or None,
                    False,
                    (),
                    (number,),
                )
            )
    return out


def _quotation(paragraphs: tuple[str, ...], start: int) -> tuple[tuple[str, ...], int]:
    """The quoted paragraphs from `start` on, without the outer marks, and the index after them; () if none begins there."""
    if start >= len(paragraphs) or paragraphs[start][0] not in OPENING:
        return (), start
    for end in range(start, len(paragraphs)):
        if paragraphs[end].rstrip()[-1] in CLOSING and (end > start or len(paragraphs[end]) > 1):
            words = list(paragraphs[start : end + 1])
            words[0] = words[0][1:]
            words[-1] = words[-1].rstrip()[:-1]
            return tuple(words), end + 1
    return (), start
