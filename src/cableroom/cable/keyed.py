"""Heading and foot: blocks of `KEY: value` lines, and what each value means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

from cableroom.cable import shapes
from cableroom.cable.address import Addressee, PostRef, parse_addressee, parse_post
from cableroom.cable.characters import BLANKS
from cableroom.cable.document import MAX_FILES, MAX_REFS, File, read_file
from cableroom.cable.grammar import FOOT_KEYS, HEADING_KEYS, ITEM_A_LINE, unquote
from cableroom.cable.heading import KINDS, read_claim
from cableroom.cable.precedence import by_name
from cableroom.cable.reference import MrnRef, Ref, kind_of, parse_dtg, parse_mrn
from cableroom.cable.spans import Span

_KEY = re.compile(r"([A-Z][A-Za-z -]{0,40}):(?: |\Z)", re.IGNORECASE | re.ASCII)
_POLICY = re.compile(r"([^ ]+) (0|[1-9][0-9]{0,15})")
_EXERCISE = re.compile(r'(EXERCISE|DRILL) "((?:[^"\\]|\\["\\])++)"')
_FILE = re.compile(
    r"([1-9][0-9]?)\. (.+) \(([^ (),]+), (0|[1-9][0-9]{0,15}) bytes, sha256:([0-9a-f]{64})\)(?: \(([^()]+)\))?"
)
_REF = re.compile(r"([A-Z])\. (?=[^ ])")
_DIGEST = re.compile(r"(CONCERNS|[A-Z]) ([0-9a-f]{64})")


@dataclass(slots=True)
class Keyed:
    """The values of a block by key. REFS, FILES, CLEARED and DIGESTS have several, one a line."""

    lines: list[Span]
    values: dict[str, Span] = field(default_factory=dict)
    items: dict[str, list[Span]] = field(default_factory=dict)

    def place(self, key: str, keys: tuple[str, ...]) -> Span:
        """Where `key` stands, or the line before which it would have to."""
        if key in self.values:
            return self.values[key]
        later = keys[keys.index(key) :]
        found = next((self.values[other] for other in later if other in self.values), self.lines[-1])
        return Span.of("", found.line)


def read_keyed(lines: list[Span], keys: tuple[str, ...], *, draft: bool) -> Keyed:
    """A heading or foot; raises TextError. Only in a draft may a value go on in indented lines."""
    found = Keyed(lines)
    pieces: dict[str, list[Span]] = {}
    last = ""
    for line in lines:
        if last and line.text.startswith(" "):
            pieces[last].append(_continuation(line, last, draft=draft))
            continue
        last = _key(line, last, keys, pieces)
        pieces[last] = [line.part(len(last) + 2)]
        if pieces[last][0].text[0] in BLANKS:
            raise pieces[last][0].fault("The value begins with a blank.", "Take the blank out.", code="blank")
    for key, parts in pieces.items():
        found.values[key] = parts[0] if key in ITEM_A_LINE else Span.over(parts)
        found.items[key] = parts
    return found


def _key(line: Span, last: str, keys: tuple[str, ...], seen: Mapping[str, object]) -> str:
    """The key of a line, if it may stand behind the key `last`."""
    match = _KEY.match(line.text)
    if match is None:
        raise line.fault(
            "This line has no key.", "Write KEY: value; leave an empty line before a paragraph.", code="key"
        )
    key = match[1]
    if key not in keys:
        raise line.fault(f"{key} is no key of this block.", _suggestion(key, keys), code="key")
    if key in seen:
        raise line.fault(f"{key} stands twice.", "Write it once.", code="key")
    if last and keys.index(key) < keys.index(last):
        raise line.fault(f"{key} stands behind {last}.", f"Write {key} before {last}.", code="key")
    if match.end() == len(line.text):
        raise line.fault(f"{key} has no value.", "Write one, or leave the line out.", code="key")
    return key


def _suggestion(key: str, keys: tuple[str, ...]) -> str:
    near = get_close_matches(key.upper(), keys, 1)
    if near:
        return f"Write {near[0]}."
    if key in FOOT_KEYS:
        return "It belongs to the foot, behind the last paragraph and an empty line."
    if key in HEADING_KEYS:
        return "It belongs to the heading."
    return f"The keys are {', '.join(keys)}."


def _continuation(line: Span, key: str, *, draft: bool) -> Span:
    width = len(key) + 2
    if key not in ITEM_A_LINE and not draft:
        raise line.fault(f"The value of {key} is broken over lines.", "Write it on one line.", code="key")
    rest = line.text[width:]
    if line.text[:width].strip(" ") or not rest or rest[0] in BLANKS:
        raise line.fault(
            f"This line goes on with {key}.", f"Begin it in column {width + 1}, after blanks.", code="key"
        )
    return line.part(width)


# What each key says: the claims of the heading that its value fills. `home` is the sender's organisation,
# or None where a draft leaves it out.

Claims = dict[str, Any]
_Reader = Callable[[Span, str | None], Claims]


def _plain(claim: str) -> _Reader:
    return lambda span, _: {claim: span.read(lambda text: read_claim(claim, text, ""))}


def _time(claim: str) -> _Reader:
    return lambda span, _: {claim: span.read(parse_dtg)}


def _listed(claim: str) -> _Reader:
    def read(span: Span, _: str | None) -> Claims:
        return {
            claim: _each_once(
                span, lambda item: item.read(lambda text: shapes.item(text, "")), lambda tag: tag
            )
        }

    return read


def _each_once(span: Span, read: Callable[[Span], Any], name: Callable[[Any], object]) -> tuple[Any, ...]:
    found: dict[object, Any] = {}
    for item in span.items():
        value = read(item)
        if name(value) in found:
            raise item.fault(f"{item.text[:80]} stands twice.", "Name it once.", code="twice")
        found[name(value)] = value
    return tuple(found.values())


def _addressees(claim: str) -> _Reader:
    def read(span: Span, home: str | None) -> Claims:
        if span.text.count(", ") >= shapes.MAX_ADDRESSEES:
            raise span.fault(f"More than {shapes.MAX_ADDRESSEES} stand here.", "Name fewer.", code="limit")
        return {claim: _each_once(span, lambda item: _addressee(item, home), _who)}

    return read


def _who(addressee: Addressee) -> object:
    return addressee.org, addressee.post_name, addressee.role


def _addressee(item: Span, home: str | None) -> Addressee:
    addressee = item.read(parse_addressee)
    for post in (addressee.post, *(addressee.members or ())):
        if home is not None and post.org == home:
            raise item.fault(
                f"{post.as_text()} is of the sender's own organisation.", f"Write {post.name}.", code="org"
            )
    return addressee


def _sender(span: Span, _: str | None) -> Claims:
    return {"from_": span.read(parse_post)}


def _mrn(claim: str) -> _Reader:
    def read(span: Span, home: str | None) -> Claims:
        mrn: MrnRef = span.read(parse_mrn)
        if home is not None and mrn.org == home:
            raise span.fault(
                "A number of the sender's own organisation is written without it.",
                f"Write {mrn.print(home)}.",
                code="mrn",
            )
        return {claim: mrn if home is None else mrn.at(home)}

    return read


def _precedence(span: Span, _: str | None) -> Claims:
    action, slash, _ = span.text.partition(" / ")
    claims = {"precedence_action": span.part(0, len(action)).read(by_name)}
    if slash:
        claims["precedence_info"] = span.part(len(action) + 3).read(by_name)
    return claims


def _policy(span: Span, _: str | None) -> Claims:
    found = _POLICY.fullmatch(span.text)
    if found is None:
        raise span.fault("This names no policy.", "Write its name and version: mfa.example/labels 3.")
    return {
        "policy": span.read(lambda _: read_claim("policy", {"id": found[1], "version": int(found[2])}, ""))
    }


def _kind(span: Span, _: str | None) -> Claims:
    kinds = {kind.upper(): kind for kind in KINDS if kind != "cable"}
    if span.text not in kinds:
        raise span.fault(
            f"{span.text[:40]!r} is no kind to be written.",
            f"Write {', '.join(kinds)}; leave the line out for a cable.",
        )
    return {"kind": kinds[span.text]}


def _exercise(span: Span, _: str | None) -> Claims:
    found = _EXERCISE.fullmatch(span.text)
    if found is None:
        raise span.fault("This names no exercise.", 'Write EXERCISE "NAME" or DRILL "NAME".')
    value = {"kind": found[1].lower(), "name": unquote(found[2])}
    return {"exercise": span.read(lambda _: read_claim("exercise", value, ""))}


def _officer_json(text: str) -> dict[str, str | None]:
    role, bracket, name = text.removesuffix(")").partition(" (") if text.endswith(")") else (text, "", "")
    return {"role": role, "name": name if bracket else None}


def _officer(claim: str) -> _Reader:
    return lambda span, _: {claim: span.read(lambda text: read_claim(claim, _officer_json(text), ""))}


READERS: Final[Mapping[str, _Reader]] = {
    "MRN": _mrn("mrn"),
    "DTG": _time("dtg"),
    "FROM": _sender,
    "TO": _addressees("to"),
    "INFO": _addressees("info"),
    "XMT": _addressees("xmt"),
    "ON BEHALF OF": _plain("on_behalf_of"),
    "PRECEDENCE": _precedence,
    "CLASSIFICATION": _plain("classification"),
    "CATEGORIES": _listed("categories"),
    "CAPTIONS": _listed("captions"),
    "POLICY": _policy,
    "DECLASSIFY ON": _plain("declassify_on"),
    "TAGS": _listed("tags"),
    "LANGUAGE": _plain("language"),
    "KIND": _kind,
    "CONCERNS": _mrn("concerns_mrn"),
    "EXERCISE": _exercise,
    "SUBJECT": _plain("subject"),
    "REPORT BY": _time("report_by"),
    "REPLY BY": _time("reply_by"),
    "EXPIRES": _time("expires"),
    "ORIGINATOR REFERENCE": _plain("originator_reference"),
    "HANDLING": _plain("handling"),
    "DRAFTED": _officer("drafted_by"),
    "RELEASED": _officer("released_by"),
    "SIGNED": _plain("signed_as"),
}
KEY_OF: Final[Mapping[str, str]] = {
    attribute: key
    for key, attributes in {
        **{key: [key.lower().replace(" ", "_")] for key in READERS},
        "FROM": ["from"],
        "PRECEDENCE": ["precedence_action", "precedence_info"],
        "CONCERNS": ["concerns", "concerns_mrn"],
        "DRAFTED": ["drafted_by"],
        "CLEARED": ["cleared_by"],
        "RELEASED": ["released_by"],
        "SIGNED": ["signed_as"],
    }.items()
    for attribute in attributes
}


def read_claims(block: Keyed, home: str | None) -> Claims:
    """The claims of all single-valued keys of a block; raises TextError."""
    claims: Claims = {}
    for key, span in block.values.items():
        if key not in ITEM_A_LINE:
            claims |= READERS[key](span, home)
    return claims


def read_sender(heading: Keyed) -> PostRef:
    """FROM, which all other values lean on; raises TextError."""
    if "FROM" not in heading.values:
        raise heading.place("FROM", HEADING_KEYS).fault(
            "FROM is missing.", "Write FROM: and the post.", code="key"
        )
    return heading.values["FROM"].read(parse_post)


def read_cleared(items: list[Span]) -> tuple[Any, ...]:
    """CLEARED: one office a line."""
    officers: dict[Any, None] = {}
    for item in items:
        (officer,) = item.read(lambda text: read_claim("cleared_by", [_officer_json(text)], ""))
        if officer in officers:
            raise item.fault(f"{item.text[:80]} stands twice.", "Name it once.", code="twice")
        officers[officer] = None
    return tuple(officers)


def read_refs(items: list[Span], home: str | None, digests: Mapping[str, str]) -> tuple[Ref, ...]:
    """REFS: `A. what is cited`, one a line, lettered in order."""
    if len(items) > MAX_REFS:
        raise items[MAX_REFS].fault(f"There are more than {MAX_REFS} refs.", "Leave some out.", code="limit")
    refs = []
    for n, item in enumerate(items):
        letter = chr(ord("A") + n)
        found = _REF.match(item.text)
        if found is None or found[1] != letter:
            raise item.fault(f"This is ref {letter}.", f"Write {letter}. and what is cited.", code="letter")
        cited = item.part(3).read(lambda text: shapes.line(text, ""))
        refs.append(Ref(letter, kind_of(cited, home), cited, digests.get(letter)))
    return tuple(refs)


def read_files(items: list[Span]) -> tuple[File, ...]:
    """FILES: `1. name (type, 5 bytes, sha256:…) (MARK)`, one a line, numbered in order."""
    if len(items) > MAX_FILES:
        raise items[MAX_FILES].fault(
            f"There are more than {MAX_FILES} files.", "Leave some out.", code="limit"
        )
    files = []
    for n, item in enumerate(items, 1):
        found = _FILE.fullmatch(item.text)
        if found is None or int(found[1]) != n:
            raise item.fault(
                f"This does not name file {n}.",
                f"Write {n}. name (type, length bytes, sha256:64 hex digits).",
            )
        value = {
            "n": n,
            "name": found[2],
            "media_type": found[3],
            "bytes": int(found[4]),
            "sha256": found[5],
            "mark": found[6],
        }
        files.append(item.read(partial(_file, value)))
    return tuple(files)


def _file(value: dict[str, Any], _text: str) -> File:
    return read_file(value, "")


def read_digests(items: list[Span], letters: int) -> dict[str, str]:
    """DIGESTS: `CONCERNS <hex>` first, then `A <hex>` and so on, each once, for refs that there are."""
    digests: dict[str, str] = {}
    order = ["CONCERNS", *(chr(ord("A") + n) for n in range(letters))]
    for item in items:
        found = _DIGEST.fullmatch(item.text)
        if found is None:
            raise item.fault(
                "This names no digest.", "Write the letter of a ref and 64 lower-case hex digits."
            )
        name, digest = found.groups()
        if name not in order:
            raise item.fault(
                f"There is no ref {name}.", "Take the line out, or write the ref.", code="letter"
            )
        if digests and order.index(name) <= order.index(next(reversed(digests))):
            raise item.fault(
                f"{name} stands out of order.", "Write CONCERNS first, then the letters in order."
            )
        if name != "CONCERNS" and digest in [digests[other] for other in digests if other != "CONCERNS"]:
            raise item.fault("Two refs have the same digest.", "Name a cable once.", code="twice")
        digests[name] = digest
    return digests
