"""Commands and parameters: what is read, what is refused and with which code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cableroom.errors import ProtocolError
from cableroom.wire.smtp import grammar
from cableroom.wire.smtp.grammar import BadCommand, Hello, Mail, Recipient, Simple, parse, read_xtext, xtext

GOOD = [
    (b"EHLO relay.mfa.example", Hello("relay.mfa.example", True)),
    (b"helo [192.0.2.1]", Hello("[192.0.2.1]", False)),
    (b"MAIL FROM:<>", Mail("")),
    (b"mail from:<capital@mfa.example>", Mail("capital@mfa.example")),
    (b"MAIL FROM: <capital@mfa.example>", Mail("capital@mfa.example")),
    (
        b"MAIL FROM:<a@b.example> SIZE=4096 BODY=8bitmime RET=hdrs ENVID=x+2By MT-PRIORITY=-2",
        Mail("a@b.example", size=4096, body="8BITMIME", ret="HDRS", envid="x+y", priority=-2),
    ),
    (b"MAIL FROM:<a@b.example> mt-priority=6", Mail("a@b.example", priority=6)),
    (b"RCPT TO:<port-of-spain@mfa.example>", Recipient("port-of-spain@mfa.example")),
    (
        b"RCPT TO:<a@b.example> NOTIFY=success,Delay ORCPT=rfc822;a+2Bb@c.example",
        Recipient("a@b.example", notify=("SUCCESS", "DELAY"), orcpt=("rfc822", "a+b@c.example")),
    ),
    (b"RCPT TO:<a@b.example> NOTIFY=NEVER", Recipient("a@b.example", notify=("NEVER",))),
    (b"data", Simple("DATA")),
    (b"NOOP anything at all", Simple("NOOP")),
    (b"VRFY capital", Simple("VRFY")),
]


@pytest.mark.parametrize(("line", "command"), GOOD, ids=[repr(line) for line, _ in GOOD])
def test_reads(line: bytes, command: grammar.Command) -> None:
    assert parse(line) == command


BAD = [
    (b"", 500),
    (b" MAIL FROM:<a@b.example>", 500),
    (b"EHLO", 501),
    (b"EHLO two words", 501),
    (b"EHLO under_score", 501),
    (b"EHLO -x.example", 501),
    (b"DATA now", 501),
    (b"BDAT 5 LAST", 502),
    (b"AUTH PLAIN", 502),
    (b"XYZZY", 500),
    (b"MAIL FROM:a@b.example", 501),
    (b"MAIL FROM:<a@b.example", 501),
    (b"MAIL FROM:<a@b.example>SIZE=1", 501),
    (b"MAIL TO:<a@b.example>", 501),
    (b"MAIL FROM:<@relay.example:a@b.example>", 501),
    (b'MAIL FROM:<"quoted local"@b.example>', 501),
    (b"MAIL FROM:<a@b.example><c@d.example>", 501),
    (b"MAIL FROM:<a@b..example>", 501),
    (b"MAIL FROM:<a.@b.example>", 501),
    (b"MAIL FROM:<" + b"a" * 65 + b"@b.example>", 501),
    (b"MAIL FROM:<a@" + b"b." * 126 + b"example>", 501),
    (b"MAIL FROM:<a@b.example> SIZE=", 501),
    (b"MAIL FROM:<a@b.example> SIZE", 501),
    (b"MAIL FROM:<a@b.example> SIZE=-1", 501),
    (b"MAIL FROM:<a@b.example> SIZE=" + b"9" * 21, 501),
    (b"MAIL FROM:<a@b.example> SIZE=1 size=1", 501),
    (b"MAIL FROM:<a@b.example> BODY=BINARYMIME", 501),
    (b"MAIL FROM:<a@b.example> RET=ALL", 501),
    (b"MAIL FROM:<a@b.example> ENVID=a+0D+0AMAIL", 501),
    (b"MAIL FROM:<a@b.example> ENVID=a+2b", 501),
    (b"MAIL FROM:<a@b.example> ENVID=a+", 501),
    (b"MAIL FROM:<a@b.example> ENVID=a=b", 501),
    (b"MAIL FROM:<a@b.example> ENVID=" + b"a" * 101, 501),
    (b"MAIL FROM:<a@b.example> MT-PRIORITY=10", 501),
    (b"MAIL FROM:<a@b.example> MT-PRIORITY=+1", 501),
    (b"MAIL FROM:<a@b.example> MT-PRIORITY=-0", 501),
    (b"MAIL FROM:<a@b.example> MT-PRIORITY=01", 501),
    (b"MAIL FROM:<a@b.example> MT-PRIORITY=2 MT-PRIORITY=2", 501),
    (b"MAIL FROM:<a@b.example> SMTPUTF8", 555),
    (b"MAIL FROM:<a@b.example> AUTH=<>", 555),
    (b"MAIL FROM:<a@b.example> NOTIFY=NEVER", 555),
    (b"MAIL FROM:<a@b.example> =x", 501),
    (b"RCPT TO:<>", 501),
    (b"RCPT TO:<postmaster>", 501),
    (b"RCPT TO:<a@b.example> MT-PRIORITY=2", 555),
    (b"RCPT TO:<a@b.example> NOTIFY=NEVER,SUCCESS", 501),
    (b"RCPT TO:<a@b.example> NOTIFY=DELAY,DELAY", 501),
    (b"RCPT TO:<a@b.example> NOTIFY=,", 501),
    (b"RCPT TO:<a@b.example> NOTIFY=NEVER NOTIFY=NEVER", 501),
    (b"RCPT TO:<a@b.example> ORCPT=a@b.example", 501),
    (b"RCPT TO:<a@b.example> ORCPT=rfc822;a+0Ab", 501),
    (b"RCPT TO:<a@b.example> ORCPT=rfc822;" + b"a" * 500, 501),
    (b"NOOP \t", 500),
    (b"MAIL FROM:<a\x00@b.example>", 500),
    (b"MAIL FROM:<a@b.example>\x7f", 500),
    ("EHLO müller.example".encode(), 500),
    ("RCPT TO:<用户@b.example>".encode(), 500),
]


@pytest.mark.parametrize(("line", "code"), BAD, ids=[repr(line)[:60] for line, _ in BAD])
def test_refuses(line: bytes, code: int) -> None:
    with pytest.raises(BadCommand) as caught:
        parse(line)
    assert caught.value.reply.code == code


@pytest.mark.parametrize("place", ["sender", "recipient", "envid", "orcpt"])
@pytest.mark.parametrize("bad", ["\r\nMAIL FROM:<evil@x.example>", "\r", "\n", "\0", "é", "\x1b[2J"])
def test_a08_no_line_end_leaves_in_a_command(place: str, bad: str) -> None:
    """Ours to send: an address or identifier with a line end in it never becomes two commands."""
    with pytest.raises(ProtocolError):
        if place == "sender":
            Mail(f"a{bad}@b.example").encode()
        elif place == "envid":
            Mail("a@b.example", envid=f"x{bad}").encode()
        elif place == "recipient":
            Recipient(f"a@b.example{bad}").encode()
        else:
            Recipient("a@b.example", orcpt=("rfc822", f"a{bad}")).encode()


def test_a08_succeeds_where_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "checked_path", lambda address: address)
    monkeypatch.setattr(grammar, "_line", lambda parts, read: " ".join(parts).encode() + b"\r\n")
    assert Mail("a@b.example>\r\nRCPT TO:<evil@x.example").encode().count(b"\r\n") == 2


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_xtext_comes_back(text: str) -> None:
    assert read_xtext(xtext(text)) == text


@given(st.text(max_size=40))
def test_xtext_is_strict(value: str) -> None:
    try:
        text = read_xtext(value)
    except ProtocolError:
        return
    assert text.isascii() and text.isprintable()


@given(st.binary(max_size=120))
def test_any_line_is_a_command_or_refused(line: bytes) -> None:
    try:
        parse(line)
    except BadCommand as bad:
        assert 500 <= bad.reply.code < 600


@given(
    st.one_of(st.none(), st.integers(0, 10**12)),
    st.one_of(st.none(), st.integers(-9, 9)),
    st.one_of(st.none(), st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=30)),
)
def test_what_is_written_is_read_the_same(size: int | None, priority: int | None, envid: str | None) -> None:
    mail = Mail("capital@mfa.example", size=size, priority=priority, envid=envid or None)
    assert parse(mail.encode()[:-2]) == mail
