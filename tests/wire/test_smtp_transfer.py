"""A message in transit: what we emit, what we take, and that no cut of the stream changes either."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cableroom.errors import ProtocolError
from cableroom.wire.smtp.transfer import DataReader, Fault, stuff

NASTY = st.lists(
    st.sampled_from([b"\r", b"\n", b".", b"\0", b"a", b"\r\n", b"\r\n.\r\n", b"\n.\n", b"..", b"x" * 40])
).map(b"".join)
LINES = st.lists(
    st.binary(max_size=40).map(lambda b: b.replace(b"\r", b".").replace(b"\n", b".").replace(b"\0", b"."))
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))


def read(data: bytes, cuts: list[int] | None = None, limit: int = 10_000) -> tuple[DataReader, bytes]:
    reader = DataReader(limit=limit, text_line=60)
    places = sorted({min(cut, len(data)) for cut in cuts or []} | {0, len(data)})
    for start, end in pairwise(places):
        rest = reader.feed(data[start:end])
        if reader.done:
            return reader, rest + data[end:] if reader.fault is not Fault.STRAY else b""
    return reader, b""


@given(LINES)
@example(b".\r\n")
@example(b"..\r\n.\r\n")
def test_dots_come_back(message: bytes) -> None:
    reader, rest = read(stuff(message, text_line=60) + b"QUIT\r\n")
    assert reader.done and reader.fault is None
    assert (reader.message, rest) == (message, b"QUIT\r\n")


@given(NASTY)
def test_a02_whatever_we_emit_is_one_message(message: bytes) -> None:
    """For all octets: refused before one leaves, or exactly one message for a reader that is as lax as the
    laxest (any CR or LF is a line end)."""
    try:
        sent = stuff(message)
    except ProtocolError:
        return
    lax = sent.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert ("\n" + lax.decode("latin-1")).count("\n.\n") == 1
    assert sent.endswith(b"\r\n.\r\n") or sent == b".\r\n"


def test_a02_succeeds_where_line_ends_are_left_alone() -> None:
    weak = b"first\n.\nMAIL FROM:<evil@x.example>\r\n".replace(b"\r\n.", b"\r\n..") + b".\r\n"
    assert ("\n" + weak.replace(b"\r\n", b"\n").decode()).count("\n.\n") == 2


@given(NASTY, st.lists(st.integers(0, 200), max_size=20))
def test_no_cut_changes_the_outcome(data: bytes, cuts: list[int]) -> None:
    whole, rest = read(data)
    parts, rest_of_parts = read(data, cuts)
    assert (whole.done, whole.fault, whole.message, rest) == (
        parts.done,
        parts.fault,
        parts.message,
        rest_of_parts,
    )


@given(NASTY)
def test_every_octet_alone(data: bytes) -> None:
    whole, rest = read(data)
    parts, rest_of_parts = read(data, list(range(len(data))))
    assert (whole.done, whole.fault, whole.message, rest) == (
        parts.done,
        parts.fault,
        parts.message,
        rest_of_parts,
    )


@pytest.mark.parametrize(
    "message", [b"no end", b"a\nb\r\n", b"a\rb\r\n", b"a\0\r\n", b"\n\r\n", b"x" * 999 + b"\r\n"]
)
def test_what_is_not_in_order_does_not_leave(message: bytes) -> None:
    with pytest.raises(ProtocolError):
        stuff(message)


def test_size_is_bounded_before_it_is_kept() -> None:
    reader = DataReader(limit=1000, text_line=60)
    for _ in range(10_000):
        reader.feed(b"x" * 58 + b"\r\n")
        assert reader.held <= 1100
    assert reader.fault is Fault.SIZE and reader.octets == 600_000
    assert reader.feed(b".\r\nQUIT\r\n") == b"QUIT\r\n" and reader.done


def test_a10_a_line_without_end_is_not_kept() -> None:
    reader = DataReader(limit=10**9, text_line=60)
    for _ in range(10_000):
        reader.feed(b"x" * 1000)
        assert reader.held <= 100
    assert reader.fault is Fault.LINE and not reader.done
    reader.feed(b"\r\n.")
    assert reader.feed(b"\r\nRSET\r\n") == b"RSET\r\n" and reader.done


def test_a_long_line_of_dots_ends_nothing() -> None:
    reader, _ = read(b"." * 100 + b"\r\n.\r\n")
    assert reader.fault is Fault.LINE
    reader, _ = read(b"x" * 100 + b".\r\nmore", [99, 100, 101, 102])
    assert not reader.done


def test_longest_line() -> None:
    message = b"." + b"x" * 59 + b"\r\n"
    assert read(stuff(message, text_line=60))[0].message == message
