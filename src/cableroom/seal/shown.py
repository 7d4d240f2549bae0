"""Is what an edition shows of the shape that a cable has, as far as it is shown?

Each shown claim is read by the reader of the document; what several claims say of one another
(numbers in order, the sender) is checked as far as both are shown. Where nothing is withheld
the whole document is read like one that came by wire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cableroom.cable.address import Post
from cableroom.cable.document import Cable, read_file, read_ref
from cableroom.cable.heading import read_claim
from cableroom.cable.paragraphs import ACTS, read_meta, read_segment
from cableroom.cable.shapes import integer, letter, line, mark, members
from cableroom.errors import DocumentError, ProofError
from cableroom.seal.editions import Gap, Item, Shown
from cableroom.seal.slots import FILES, PARAS, REFS, Level

Json = Any


def check_shown(shown: Shown) -> Cable | None:
    """Check every shown value; the whole cable if nothing is withheld, else None. Raises `ProofError`."""
    try:
        Post.parse(shown.issuer)
        for name, value in shown.head.items():
            read_claim(name, value, f"head.{name}")
        for item in _items(shown.refs):
            _check_ref(item.claims)
        for item in _items(shown.files):
            _check_file(item.claims)
        for item in _items(shown.paras):
            _check_paragraph(item)
        _check_order(REFS, shown.refs, "letter")
        _check_order(FILES, shown.files, "n")
        _check_order(PARAS, shown.paras, "n")
    except DocumentError as error:
        raise ProofError(error.what, where=error.where, do=error.do, code="value") from error
    _check_sender(shown)
    return _whole(shown) if shown.complete else None


def whole_document(shown: Shown) -> dict[str, Json]:
    """The signed document of a complete edition."""
    return {
        "files": [{"n": item.claims["n"], **item.claims["file"]} for item in _items(shown.files)] or None,
        "head": dict(shown.head),
        "paras": [
            {**item.claims, "segments": [piece.claims for piece in _items(item.pieces)] or None}
            for item in _items(shown.paras)
        ],
        "refs": [{"letter": item.claims["letter"], **item.claims["ref"]} for item in _items(shown.refs)]
        or None,
    }


def _items(level: Sequence[Item | Gap]) -> list[Item]:
    return [each for each in level if isinstance(each, Item)]


def _whole(shown: Shown) -> Cable:
    try:
        cable = Cable.from_json(whole_document(shown))
    except DocumentError as error:
        raise ProofError(error.what, where=error.where, do=error.do, code="value") from error
    return cable


def _check_sender(shown: Shown) -> None:
    for name in ("from", "mrn"):
        claim = shown.head.get(name)
        if claim is not None and f"{claim['org']}/{claim['post']}" != shown.issuer:
            raise ProofError(
                f"The cable says {claim['org']}/{claim['post']} in its {name}, its signature {shown.issuer}.",
                code="issuer",
            )


def _check_ref(claims: Mapping[str, Json]) -> None:
    if "letter" in claims:
        letter(claims["letter"], "letter")
    if "ref" in claims:
        found = members(claims["ref"], ("cited", "digest", "kind"), "ref")
        read_ref({"letter": "A", **found}, "ref")


def _check_file(claims: Mapping[str, Json]) -> None:
    if "n" in claims:
        integer(claims["n"], "n", 1, FILES.most)
    if "file" in claims:
        found = members(claims["file"], ("bytes", "mark", "media_type", "name", "sha256"), "file")
        read_file({"n": 1, **found}, "file")


def _check_paragraph(item: Item) -> None:
    claims, where = item.claims, f"paragraph {item.slot}"
    if "n" in claims:
        integer(claims["n"], where, 1, PARAS.most)
    if claims.get("no") is not None:
        integer(claims["no"], where, 1)
    if claims.get("mark") is not None:
        mark(claims["mark"], where)
    if "meta" in claims:
        meta = claims["meta"]
        read_meta(meta, claims["names"] if "names" in claims else some_names(meta), where)
        if "no" in claims and (claims["no"] is None) != (meta["kind"] == "text"):
            raise DocumentError("Only an instruction or outcome has a number.", where=where)
    elif "names" in claims:
        _check_names(claims["names"], where)
    least = 0
    texts = claims["meta"]["texts"] or () if "meta" in claims else None
    for piece in _items(item.pieces):
        q = read_segment(piece.claims, where).q
        if q is None:
            continue
        if q < least or (texts is not None and q >= len(texts)):
            raise DocumentError("A quotation is not in its place.", where=where)
        least = q


def _check_names(value: Json, where: str) -> None:
    """`names` beside a withheld `meta`: of an instruction, of an outcome, or null."""
    if value is None:
        return
    keys = ("by", "to") if isinstance(value, dict) and "by" in value else ("authority", "target", "what")
    for name, text in members(value, keys, where).items():
        if text is not None:
            line(text, f"{where}, {name}")


def some_names(meta: Json) -> Json:
    """Names that fit a shown `meta` whose own names are withheld, so that the rest can be read."""
    if not isinstance(meta, dict) or not isinstance(meta.get("fields"), dict):
        return None
    act = meta["fields"].get("act")
    if act not in ACTS:
        return {"by": None, "to": None}
    return {
        "authority": None,
        "target": "X" if act in ("deliver", "inform", "obtain") else None,
        "what": "X" if act == "obtain" else None,
    }


def _check_order(level: Level, listed: Sequence[Item | Gap], claim: str) -> None:
    """Shown numbers must rise as the places do: by one where nothing is withheld between."""
    least, most = 1, 1
    for each in listed:
        if isinstance(each, Gap):
            least, most = least + 1, most + each.at_most
            continue
        if claim in each.claims:
            value = each.claims[claim]
            number = ord(value) - ord("A") + 1 if claim == "letter" else value
            if not least <= number <= most:
                raise DocumentError(
                    f"A {level.one} is numbered {value}, which is not its place.",
                    where=f"{level.one} {each.slot}",
                )
            least = most = number
        least, most = least + 1, most + 1
