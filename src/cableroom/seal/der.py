"""A bounded walk over DER before anything is decoded (X.690 §§8, 10).

What a decoder might stumble over is refused here, in one pass without recursion, by name and with
the position in bytes: BER forms, deep nesting, long object identifiers, bytes after the end.
"""

from __future__ import annotations

from cableroom.errors import CmsError

MAX_DEPTH = 32
MAX_ARCS = 32
MAX_ELEMENTS = 10_000

_CONSTRUCTED = 0x20
_SEQUENCE, _SET = 0x30, 0x31
_BOOLEAN, _INTEGER, _BIT_STRING, _NULL, _OID = 0x01, 0x02, 0x03, 0x05, 0x06
_ARC_BYTES = 19
"""An arc holds 128 bits at most: those below 2.25 are UUIDs (X.667)."""


def scan(data: bytes, *, what: str, max_elements: int = MAX_ELEMENTS) -> None:
    """Return if `data` is exactly one element in DER, within the limits; else raise `CmsError`.

    `what` names the data in the message. Values of implicitly tagged primitives are opaque here;
    the decoder knows their types.
    """
    size = len(data)
    ends: list[int] = []
    end = size
    position = 0
    elements = 0
    while True:
        elements += 1
        if elements > max_elements:
            raise _refused(what, f"has more than {max_elements} elements", position)
        start = position
        if end - position < 2:
            raise _refused(what, "is cut off, or an element in it is", start)
        tag, length = data[position], data[position + 1]
        position += 2
        if tag & 0x1F == 0x1F:
            raise _refused(what, "uses a tag number above 30", start)
        if length >= 0x80:
            length, position = _long_length(data, position, end, length & 0x7F, what)
        stop = position + length
        if stop > end:
            raise _refused(what, "is cut off, or an element in it is", start)
        if tag & _CONSTRUCTED:
            if tag < 0x40 and tag not in (_SEQUENCE, _SET):
                raise _refused(what, "has a string in pieces, which is BER and not DER", start)
            if len(ends) >= MAX_DEPTH:
                raise _refused(what, f"is nested deeper than {MAX_DEPTH}", start)
            ends.append(end)
            end = stop
        else:
            if tag <= 0x11:
                _check_primitive(data, tag, position, stop, what)
            position = stop
        while position == end and ends:
            end = ends.pop()
        if not ends:
            break
    if position != size:
        raise _refused(what, f"is followed by {size - position} more bytes", position)


def _long_length(data: bytes, position: int, end: int, octets: int, what: str) -> tuple[int, int]:
    if octets == 0:
        raise _refused(what, "has an element of indefinite length, which is BER and not DER", position)
    if octets > 4 or end - position < octets:
        raise _refused(what, "has a length that cannot be", position)
    length = int.from_bytes(data[position : position + octets], "big")
    if length < 0x80 or data[position] == 0:
        raise _refused(what, "has a length that is not the shortest form, which is BER and not DER", position)
    return length, position + octets


def _check_primitive(data: bytes, tag: int, start: int, stop: int, what: str) -> None:
    if tag == _OID:
        _check_oid(data[start:stop], start, what)
    elif tag == _INTEGER:
        first = data[start : min(start + 2, stop)]
        if not first or (len(first) == 2 and first[0] in (0x00, 0xFF) and (first[0] ^ first[1]) < 0x80):
            raise _refused(what, "has an INTEGER that is not the shortest form", start)
    elif tag == _BOOLEAN:
        if data[start:stop] not in (b"\x00", b"\xff"):
            raise _refused(what, "has a BOOLEAN that is neither 00 nor FF", start)
    elif tag == _NULL:
        if stop != start:
            raise _refused(what, "has a NULL that is not empty", start)
    elif tag == _BIT_STRING:
        if stop == start or data[start] > 7 or (stop == start + 1 and data[start]):
            raise _refused(what, "has a BIT STRING whose count of unused bits cannot be", start)
    elif tag in (0x00, 0x10, 0x11):
        raise _refused(what, "has an element whose tag cannot be primitive", start)


def _check_oid(value: bytes, start: int, what: str) -> None:
    arcs, octets = 0, 0
    for byte in value[: MAX_ARCS * _ARC_BYTES + 1]:
        if octets == 0 and byte == 0x80:
            raise _refused(what, "has an object identifier that is not the shortest form", start)
        octets += 1
        if octets > _ARC_BYTES:
            raise _refused(what, "has an object identifier with an arc above 128 bits", start)
        if byte < 0x80:
            arcs, octets = arcs + 1, 0
            if arcs >= MAX_ARCS:
                break
    if arcs + 1 > MAX_ARCS:
        raise _refused(what, f"has an object identifier of more than {MAX_ARCS} arcs", start)
    if octets or not arcs:
        raise _refused(what, "has an object identifier that is cut off", start)


def _refused(what: str, fault: str, position: int) -> CmsError:
    return CmsError(f"{what} {fault}.", where=f"byte {position}", code="not-der")
