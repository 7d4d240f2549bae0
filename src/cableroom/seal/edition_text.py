"""The text of what an edition shows: the text form of the cable, with a mark wherever something is withheld.

A complete edition reads exactly like the cable. Elsewhere every mark begins with `[withheld`,
and nothing that was signed can look like one: in shown text that word is written `\\[withheld`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from cableroom.cable.address import Post
from cableroom.cable.document import Cable, Draft, read_file
from cableroom.cable.grammar import FOOT_KEYS, HEADING_KEYS, escape
from cableroom.cable.heading import DraftHead, attribute, read_claim
from cableroom.cable.paragraphs import InstructionLine, OutcomeLine, Paragraph, Text, read_meta
from cableroom.cable.precedence import Precedence
from cableroom.cable.printing import (
    FOOT_ITEMS,
    HEADING_ITEMS,
    instruction_clauses,
    outcome_clauses,
    print_cable,
)
from cableroom.seal.editions import Gap, Item, Shown
from cableroom.seal.shown import some_names
from cableroom.seal.slots import FILES, PARAS, REFS, SEGMENTS, Level

# Stands for the bracket of a mark until the text is whole; no shown value can hold it (category Co).
_OPEN: Final = "\ue000"
_WITHHELD: Final = f"{_OPEN}withheld]"
_WORD: Final = "[withheld"
# Fills a withheld name; no shown value can hold a control character.
_NAME: Final = "\0"

_CLAIM_OF: Final[Mapping[str, str]] = {
    "CONCERNS": "concerns_mrn",
    "DRAFTED": "drafted_by",
    "CLEARED": "cleared_by",
    "RELEASED": "released_by",
    "SIGNED": "signed_as",
}

Json = Any


def shown_text(shown: Shown, cable: Cable | None) -> str:
    """The text of an edition that has been verified; `cable` is the whole cable if nothing is withheld."""
    if cable is not None:
        return print_cable(cable)
    blocks = ["\n".join(_heading(shown))]
    letters = {
        item.claims["ref"]["digest"]: item.claims["letter"]
        for item in shown.refs
        if isinstance(item, Item) and {"ref", "letter"} <= item.claims.keys() and item.claims["ref"]["digest"]
    }
    blocks += [
        _gap(PARAS, each) if isinstance(each, Gap) else _paragraph(each, letters) for each in shown.paras
    ]
    blocks.append("\n".join(_foot(shown)))
    text = "\n\n".join(block for block in blocks if block) + "\n"
    return text.replace(_WORD, f"\\{_WORD}").replace(_OPEN, "[")


def heading_name(claim: str) -> str:
    """What the text form calls a claim of the heading: `SUBJECT`, `precedence for info`."""
    if claim in ("precedence_action", "precedence_info"):
        return f"PRECEDENCE ({claim.removeprefix('precedence_')})"
    if claim == "concerns":
        return "DIGESTS (of the cable that it concerns)"
    return next((key for key in (*HEADING_KEYS, *FOOT_KEYS) if _claim_of(key) == claim), claim)


def _claim_of(key: str) -> str:
    return _CLAIM_OF.get(key) or key.lower().replace(" ", "_")


def _gap(level: Level, gap: Gap) -> str:
    return f"{_OPEN}withheld here: 1 to {gap.at_most} {level.many}]"


# ---- heading and foot --------------------------------------------------------------------


def _stand_in(shown: Shown) -> Draft:
    """A draft with the claims that are shown; what stands in for the others is never printed."""
    claims = {attribute(name): read_claim(name, value, name) for name, value in shown.head.items()}
    needed = {
        "from_": Post.parse(shown.issuer),
        "precedence_action": Precedence.ROUTINE,
        "classification": "X",
        "subject": "X",
    }
    return Draft(DraftHead(**{**needed, **claims}), (), (), ())


def _heading(shown: Shown) -> Iterator[str]:
    draft = _stand_in(shown)
    for key in HEADING_KEYS:
        if key == "REFS":
            yield from _listed(key, [_ref(each) for each in shown.refs])
        elif key == "FILES":
            yield from _listed(key, [_file(each) for each in shown.files])
        elif key == "PRECEDENCE":
            yield f"{key}: {_precedence(shown)}"
        elif _claim_of(key) in shown.head_withheld:
            yield f"{key}: {_WITHHELD}"
        else:
            yield from _listed(key, list(HEADING_ITEMS[key](draft)))


def _foot(shown: Shown) -> Iterator[str]:
    draft = _stand_in(shown)
    for key in FOOT_KEYS:
        if key == "DIGESTS":
            yield from _listed(key, list(_digests(shown)))
        elif _claim_of(key) in shown.head_withheld:
            yield f"{key}: {_WITHHELD}"
        else:
            yield from _listed(key, list(FOOT_ITEMS[key](draft)))


def _listed(key: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"{key}: " + ("\n" + " " * (len(key) + 2)).join(items)


def _precedence(shown: Shown) -> str:
    action = shown.head.get("precedence_action", _WITHHELD)
    info = shown.head.get("precedence_info", _WITHHELD)
    return action if info is None else f"{action} / {info}"


def _digests(shown: Shown) -> Iterator[str]:
    concerns = shown.head.get("concerns", _WITHHELD)
    if concerns is not None:
        yield f"CONCERNS {concerns}"
    for item in shown.refs:
        if isinstance(item, Item) and "ref" in item.claims and item.claims["ref"]["digest"]:
            yield f"{_number(item, 'letter')} {item.claims['ref']['digest']}"


def _ref(each: Item | Gap) -> str:
    if isinstance(each, Gap):
        return _gap(REFS, each)
    cited = each.claims["ref"]["cited"] if "ref" in each.claims else _WITHHELD
    return f"{_number(each, 'letter')}. {cited}"


def _file(each: Item | Gap) -> str:
    if isinstance(each, Gap):
        return _gap(FILES, each)
    if "file" not in each.claims:
        return f"{_number(each, 'n')}. {_WITHHELD}"
    text = read_file({"n": 1, **each.claims["file"]}, "file").as_text()
    return f"{_number(each, 'n')}.{text.removeprefix('1.')}"


def _number(item: Item, claim: str) -> str:
    """The number or letter of an item, or the mark that it is withheld."""
    if claim not in item.claims:
        return f"{_OPEN}withheld {'letter' if claim == 'letter' else 'number'}]"
    return str(item.claims[claim])


# ---- paragraphs --------------------------------------------------------------------------


def _paragraph(item: Item, letters: Mapping[str, str]) -> str:
    mark = item.claims.get("mark", f"{_OPEN}withheld mark]")
    start = f"{_number(item, 'n')}. " + ("" if mark is None else f"({mark}) ")
    if "meta" not in item.claims:
        return start + f"{_OPEN}withheld kind of paragraph]" + _body(item, None, opened=True)
    names = item.claims["names"] if "names" in item.claims else some_names(item.claims["meta"])
    _, line, texts = read_meta(item.claims["meta"], names, "paragraph")
    if line is None:
        return start + _body(item, texts, opened=False)
    if "names" in item.claims:
        opener = _opener(item, line, texts, letters)
    else:
        opener = _opener(item, _nameless(line), texts, letters).replace(f'"{_NAME}"', _WITHHELD)
        opener += f" {_OPEN}withheld authority, if any]"
    return f"{start}{opener}:{_body(item, texts, opened=True)}"


def _nameless(line: InstructionLine | OutcomeLine) -> InstructionLine | OutcomeLine:
    """The line with what stands in for each withheld name turned into what no name can be."""
    if isinstance(line, OutcomeLine):
        return line
    return replace(line, target=line.target and _NAME, what=line.what and _NAME)


def _opener(
    item: Item, line: InstructionLine | OutcomeLine, texts: tuple[Text, ...], letters: Mapping[str, str]
) -> str:
    number = _number(item, "no")
    if isinstance(line, InstructionLine):
        clauses = instruction_clauses(line, Paragraph(1, line=line, texts=texts))
        return f"ACTION {number} {' '.join(clauses)}"
    return f"OUTCOME OF {letters.get(line.of, line.of)} ACTION {number} {' '.join(outcome_clauses(line))}"


def _body(item: Item, texts: tuple[Text, ...] | None, *, opened: bool) -> str:
    """The pieces of a paragraph in lines, a mark for each gap, quotations behind `> `."""
    lines: list[str] = []
    inline = ""
    for place, (q, value) in enumerate(_blocks(item.pieces)):
        if q is None:
            first, *rest = (escape(each) for each in value.removeprefix("\n").split("\n"))
            if place == 0 and not value.startswith("\n"):
                inline = f" {first}" if opened else first
                lines += rest
            else:
                lines += [first, *rest]
        else:
            lines += _translation(q, texts)
            lines += [f"> {each}" if each else ">" for each in value.split("\n")]
    return inline + "".join(f"\n{each}" for each in lines)


def _translation(q: int, texts: tuple[Text, ...] | None) -> list[str]:
    """The line that opens a further quotation in another language."""
    if q == 0:
        return []
    if texts is None:
        return [f"{_OPEN}withheld language, if this is a translation]"]
    return [f"COURTESY TRANSLATION {texts[q].language}:"] if texts[q].language else []


def _blocks(pieces: Sequence[Item | Gap]) -> list[tuple[int | None, str]]:
    """The shown pieces joined into blocks, with the marks of the gaps.

    A mark stands inside a block that goes on behind the gap, or that is the last one; else
    between two blocks, as one of its own.
    """
    blocks: list[tuple[int | None, str]] = []
    fresh = True  # a new block begins, whatever the last one is
    after_mark = False
    for place, each in enumerate(pieces):
        if isinstance(each, Item):
            q, text = each.claims["q"], each.claims["t"]
            if fresh or blocks[-1][0] != q:
                blocks.append((q, text))
            else:
                glue = " " if after_mark and text[0] not in " \n" else ""
                blocks[-1] = (q, blocks[-1][1] + glue + text)
            fresh = after_mark = False
            continue
        mark, following = _gap(SEGMENTS, each), _q_behind(pieces, place)
        if blocks and following in (blocks[-1][0], _END):
            text = blocks[-1][1]
            blocks[-1] = (blocks[-1][0], text + ("" if text[-1] in " \n" else " ") + mark)
        elif blocks or following is _END:
            blocks.append((None, mark))
            fresh = True
        else:
            blocks.append((following, mark))
            fresh = False
        after_mark = True
    return blocks


def _q_behind(pieces: Sequence[Item | Gap], place: int) -> int | None:
    """The block of the piece behind a gap; `_END` if there is none."""
    if place + 1 == len(pieces):
        return _END
    piece = pieces[place + 1]
    q: int | None = piece.claims["q"] if isinstance(piece, Item) else _END
    return q


_END: Final = -1
