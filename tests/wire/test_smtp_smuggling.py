"""A1: sequences that some servers take for the end of a message, at every cut of the stream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dialogues import codes, serve

from cableroom.wire.smtp import answering
from cableroom.wire.smtp.transfer import DataReader

OPENING = [
    b"EHLO a.example\r\n",
    b"MAIL FROM:<a@b.example>\r\n",
    b"RCPT TO:<victim@post.example>\r\n",
    b"DATA\r\n",
]
OURS = [
    b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\n.\r", b"\r.\n", b"\0\r\n.\n",
    b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n.\r\0\n", b"\n\n.\n\n", b"\r\r\n.\r\n", b"\r\n.\r\r\n",
    "\u2028.\u2028".encode(), "\x85.\x85".encode(), b"\r\n.\x0b\r\n", b"\r\n. \r\n", b"\r\n .\r\n", b"\r\n.\x1a",
]  # fmt: skip


def body(sequence: bytes) -> bytes:
    return (
        b"Subject: one\r\n\r\nfirst"
        + sequence
        + b"MAIL FROM:<smuggled@evil.example>\r\nRCPT TO:<victim@post.example>\r\n"
        b"DATA\r\nSubject: smuggled\r\n\r\nsecond\r\n.\r\n"
    )


def check_one(sequence: bytes) -> None:
    data = body(sequence)
    for cut in range(len(data) + 1):
        said, messages, why = serve([*OPENING, data[:cut], data[cut:], b"QUIT\r\n"])
        assert len(messages) <= 1, f"a second message at cut {cut}"
        if messages:
            octets = messages[0].octets
            assert b"smuggled@evil.example" in octets and octets.endswith(b"second\r\n")
            assert why == ""
        else:
            assert codes(said)[-1] // 100 == 5 and why
    said, messages, _ = serve([*OPENING, *(data[i : i + 1] for i in range(len(data))), b"QUIT\r\n"])
    assert len(messages) <= 1
    # all in one write, as an attacker who does not wait sends it
    said, messages, why = serve([b"".join(OPENING) + data + b"QUIT\r\n"])
    assert not messages and why and codes(said)[-1] == 554


@pytest.mark.parametrize("sequence", OURS, ids=repr)
def test_a01_no_second_message(sequence: bytes) -> None:
    check_one(sequence)


def test_a01_published_cases(shared: Path) -> None:
    cases = json.loads((shared / "data/attacks/smtp/end-of-data.json").read_text("utf-8"))["cases"]
    assert cases
    for case in cases:
        check_one(bytes.fromhex(case["bytes_hex"]))


class LaxReader(DataReader):
    """What many servers do: every LF, and every CR, is a line end."""

    def feed(self, data: bytes) -> bytes:
        return super().feed(
            data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"").replace(b"\n", b"\r\n")
        )


def test_a01_succeeds_against_a_lax_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "DataReader", LaxReader)
    monkeypatch.setattr(answering.Answering, "_talks_on", lambda self: False)
    fooled = [sequence for sequence in OURS if len(serve([*OPENING, body(sequence), b"QUIT\r\n"])[1]) == 2]
    assert len(fooled) >= 10


def test_a_proper_message_passes_at_every_cut() -> None:
    data = b"Subject: x\r\n\r\n..dots\r\n\r\n.\r\n"
    for cut in range(len(data) + 1):
        _, messages, why = serve([*OPENING, data[:cut], data[cut:], b"QUIT\r\n"])
        assert [message.octets for message in messages] == [b"Subject: x\r\n\r\n.dots\r\n\r\n"] and why == ""
