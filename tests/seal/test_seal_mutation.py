"""Whatever is changed in what we sign and seal is refused, or read as before."""

from __future__ import annotations

import pytest
import weak
from cms_maker import length
from hypothesis import given, settings
from hypothesis import strategies as st
from seal_material import NOW, make_house

from cableroom.errors import CableroomError, CmsError, SealError
from cableroom.seal.envelope import Recipients, open_envelope, seal
from cableroom.seal.signing import EssLabel, ReceiptRequest, sign, verify
from cableroom.seal.trust import Use, judge

HOUSE = make_house()
KEY, CERTIFICATE = HOUSE.give(Use.RELEASE)
OPENING_KEY, OPENING = HOUSE.give(Use.OPENING)
LABEL, REQUEST = EssLabel("2.25.1", 4), ReceiptRequest(b"0123456789abcdef", ("capital@mfa.example",))
CONTENT = b"Content-Type: text/plain\r\n\r\nWords to be spoken.\r\n"
SIGNED = sign(
    CONTENT, key=KEY, certificate=CERTIFICATE, signing_time=NOW, label=LABEL, receipt_request=REQUEST
)
SEALED = seal(CONTENT, Recipients.of([OPENING]))
STATED = verify(SIGNED)


def read_signed(data: bytes):
    """Everything that a SignedData states, with the judgement on its signer."""
    verdict = verify(data)
    path = judge(verdict.certificate, use=Use.RELEASE, authorities=[HOUSE.authority], at=NOW)
    return verdict, path.good


def assert_signed_refused_or_same(data: bytes) -> None:
    try:
        verdict, good = read_signed(data)
    except (CmsError, SealError):
        return
    assert not good or verdict == STATED


def assert_sealed_refused_or_same(data: bytes) -> None:
    try:
        opened = open_envelope(data, [(OPENING, OPENING_KEY)])
    except (CmsError, SealError):
        return
    assert opened.content == CONTENT


def test_every_changed_byte_of_a_signed_data() -> None:
    assert read_signed(SIGNED) == (STATED, True)
    for place in range(len(SIGNED)):
        for bit in {0, 7, place % 8}:
            changed = bytearray(SIGNED)
            changed[place] ^= 1 << bit
            with pytest.raises((CmsError, SealError)):
                verify(bytes(changed))


def test_every_changed_byte_of_an_envelope() -> None:
    for place in range(len(SEALED)):
        for bit in {0, 7, place % 8}:
            changed = bytearray(SEALED)
            changed[place] ^= 1 << bit
            with pytest.raises((CmsError, SealError)):
                open_envelope(bytes(changed), [(OPENING, OPENING_KEY)])


@pytest.mark.parametrize("whole", [SIGNED, SEALED], ids=["signed", "sealed"])
def test_every_shorter_message(whole: bytes) -> None:
    for size in range(len(whole)):
        for read in (verify, lambda data: open_envelope(data, [(OPENING, OPENING_KEY)])):
            with pytest.raises(CmsError):
                read(whole[:size])


# ── changes of the structure ─────────────────────────────────────────────────────────────────


def _count(node: weak.Node) -> int:
    return 1 + sum(_count(part) for part in node.parts)


def _write(node: weak.Node, change, at: int, seen: list[int]) -> bytes:
    """The tree again, lengths made good, with `change` made to element number `at`."""
    number = seen[0]
    seen[0] += 1
    inner = [_write(part, change, at, seen) for part in node.parts]
    body = b"".join(inner) if node.tag & 0x20 else node.body
    written = bytes([node.tag]) + length(len(body)) + body
    return change(node, written, body) if number == at else written


CHANGES = {
    "left out": lambda node, written, body: b"",
    "twice": lambda node, written, body: written * 2,
    "empty": lambda node, written, body: bytes([node.tag, 0]),
    "wrapped": lambda node, written, body: b"\x30" + length(len(written)) + written,
    "null": lambda node, written, body: b"\x05\x00",
    "another class": lambda node, written, body: bytes([node.tag ^ 0x80]) + written[1:],
    "another tag": lambda node, written, body: bytes([node.tag ^ 0x01]) + written[1:],
    "constructed": lambda node, written, body: bytes([node.tag ^ 0x20]) + written[1:],
    "one more byte": lambda node, written, body: bytes([node.tag]) + length(len(body) + 1) + body + b"\0",
    "parts reversed": lambda node, written, body: (
        bytes([node.tag]) + length(len(body)) + b"".join(part.raw for part in reversed(node.parts))
        if node.parts
        else written
    ),
    "unwrapped": lambda node, written, body: body,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("whole", "check"),
    [(SIGNED, assert_signed_refused_or_same), (SEALED, assert_sealed_refused_or_same)],
    ids=["signed", "sealed"],
)
def test_every_element_changed(whole: bytes, check, change: str) -> None:
    tree = weak.read_ber(whole)
    assert _write(tree, None, -1, [0]) == whole
    for at in range(_count(tree)):
        check(_write(tree, CHANGES[change], at, [0]))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_several_elements_changed_or_exchanged(data) -> None:
    whole, check = data.draw(
        st.sampled_from([(SIGNED, assert_signed_refused_or_same), (SEALED, assert_sealed_refused_or_same)])
    )
    for _ in range(data.draw(st.integers(1, 3))):
        tree = weak.read_ber(whole)
        at = data.draw(st.integers(0, _count(tree) - 1))
        graft = data.draw(st.sampled_from([SIGNED, SEALED, CERTIFICATE, OPENING]))
        start = data.draw(st.integers(0, len(graft) - 1))
        change = data.draw(
            st.sampled_from(
                [
                    *CHANGES.values(),
                    lambda node, written, body, part=graft[start : start + 40]: written + part,
                ]
            )
        )
        whole = _write(tree, change, at, [0])
        try:
            check(whole)
            weak.read_ber(whole)
        except (IndexError, RecursionError):
            return


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_refused_by_a_typed_error(data: bytes) -> None:
    for read in (verify, lambda data: open_envelope(data, [(OPENING, OPENING_KEY)])):
        with pytest.raises(CableroomError):
            read(data)
    assert not judge(data, use=Use.RELEASE, authorities=[HOUSE.authority], at=NOW).good
