"""The side that is called: order, pipelining, limits, STARTTLS."""

from __future__ import annotations

import pytest
from dialogues import codes, serve
from hypothesis import given, settings
from hypothesis import strategies as st

from cableroom.errors import CableroomError, ProtocolError, StateError
from cableroom.wire.smtp import answering
from cableroom.wire.smtp.answering import Answering, MailAsked, Over, TlsAsked, lowered
from cableroom.wire.smtp.grammar import Mail
from cableroom.wire.smtp.limits import Limits
from cableroom.wire.smtp.replies import reply

MAIL = b"MAIL FROM:<a@b.example>\r\n"
RCPT = b"RCPT TO:<c@d.example>\r\n"
EHLO = b"EHLO a.example\r\n"
END = b"Subject: x\r\n\r\ntext\r\n.\r\n"

# what is said, piece by piece → the codes of all answers, number of messages, why it was closed
TABLE = [
    ("whole", [EHLO, MAIL + RCPT + b"DATA\r\n", END, b"QUIT\r\n"], [220, 250, 250, 250, 354, 250, 221], 1, ""),
    ("two messages", [EHLO, MAIL, RCPT, b"DATA\r\n", END + MAIL + RCPT + b"DATA\r\n", END], [220, 250, 250, 250, 354, 250, 250, 250, 354, 250], 2, None),
    ("helo", [b"HELO a.example\r\n", MAIL, RCPT, b"DATA\r\n", END], [220, 250, 250, 250, 354, 250], 1, None),
    ("no hello", [MAIL], [220, 503], 0, None),
    ("rcpt first", [EHLO, RCPT], [220, 250, 503], 0, None),
    ("data first", [EHLO, b"DATA\r\n"], [220, 250, 503], 0, None),
    ("nested mail", [EHLO, MAIL, MAIL], [220, 250, 250, 503], 0, None),
    ("reset", [EHLO, MAIL, b"RSET\r\n", RCPT], [220, 250, 250, 250, 503], 0, None),
    ("ehlo resets", [EHLO, MAIL, EHLO, RCPT], [220, 250, 250, 250, 503], 0, None),
    ("second recipient", [EHLO, MAIL, RCPT, RCPT, b"DATA\r\n", END], [220, 250, 250, 250, 452, 354, 250], 1, None),
    ("a07 past a failing rcpt", [EHLO, MAIL + b"RCPT TO:<bad>\r\nDATA\r\n" + END], [220, 250, 250, 501, 503, 500, 500, 500, 500], 0, None),
    ("a07 past data", [EHLO, MAIL + RCPT + b"DATA\r\n" + END], [220, 250, 250, 250, 554], 0, "talked on without waiting"),
    ("a07 past ehlo", [EHLO + MAIL], [220, 554], 0, "talked on without waiting"),
    ("bare lf", [b"EHLO a.example\n"], [220, 500], 0, "stray CR, LF or NUL"),
    ("bare cr", [b"EHLO a\r.example\r\n"], [220, 500], 0, "stray CR, LF or NUL"),
    ("nul", [b"NOOP \0\r\n"], [220, 500], 0, "stray CR, LF or NUL"),
    ("faults", [b"X\r\n"] * 11, [220] + [500] * 10 + [421], 0, "too many faults"),
    ("noop flood", [EHLO, b"NOOP\r\n" * 60], [220, 250] + [250] * 49 + [421], 0, "too many idle commands"),
    ("not ours", [EHLO, b"BDAT 3 LAST\r\nabc"], [220, 250, 502], 0, None),
    ("no tls", [EHLO, b"STARTTLS\r\n"], [220, 250, 503], 0, None),
    ("words", [EHLO, b"VRFY x\r\nHELP\r\nNOOP\r\nEXPN x\r\n"], [220, 250, 252, 214, 250, 502], 0, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pieces", "expected", "messages", "why"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_table(pieces: list[bytes], expected: list[int], messages: int, why: str | None) -> None:
    said, came, closed = serve(pieces)
    assert (codes(said), len(came), closed) == (expected, messages, why)


@pytest.mark.parametrize("pieces", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_each_octet_alone_never_adds_a_message(pieces: list[bytes]) -> None:
    together = serve(pieces)
    alone = serve([octet.to_bytes() for piece in pieces for octet in piece])
    if together[2] not in ("talked on without waiting",):
        assert alone == together


def test_ehlo_says_what_it_can() -> None:
    said, _, _ = serve([EHLO], tls=True)
    offers = {line[4:].decode() for line in said.split(b"\r\n")[1:-1]}
    assert offers == {
        "here.example", "SIZE 50331648", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "DSN",
        "MT-PRIORITY STANAG4406", "STARTTLS",
    }  # fmt: skip


def test_a_size_announced_is_refused_before_a_byte_comes() -> None:
    said, _, _ = serve([EHLO, b"MAIL FROM:<a@b.example> SIZE=101\r\n"], limits=Limits(message=100))
    assert b"552 5.3.4 " in said


def test_a_size_not_announced_is_refused_and_the_line_stays_in_step() -> None:
    long = b"x" * 60 + b"\r\n"
    said, came, why = serve(
        [EHLO, MAIL + RCPT + b"DATA\r\n", long * 50 + b".\r\n", MAIL], limits=Limits(message=100)
    )
    assert (codes(said)[-2:], came, why) == ([552, 250], [], None)


def test_a10_endless_message_is_cut_off() -> None:
    limits = Limits(message=1000, drained=5000)
    said, came, why = serve([EHLO, MAIL + RCPT + b"DATA\r\n", b"x\r\n" * 4000], limits=limits)
    assert (codes(said)[-1], came, why) == (552, [], "message far too large")


def test_a_bare_line_end_closes_at_once() -> None:
    said, came, why = serve([EHLO, MAIL + RCPT + b"DATA\r\n", b"x\ny"])
    assert (codes(said)[-1], came, why) == (554, [], "bare CR, LF or NUL in a message")


def test_a10_endless_command() -> None:
    said, _, why = serve([b"NOOP " + b"x" * 1000] * 5)
    assert (codes(said)[-1], why) == (500, "command line too long")


def test_a10_a_million_recipients() -> None:
    said, _, why = serve([EHLO, MAIL, RCPT * 20_000])
    assert why == "too many faults" and codes(said).count(250) == 3 and len(codes(said)) < 1010


def test_long_text_line_is_refused() -> None:
    said, came, why = serve([EHLO, MAIL + RCPT + b"DATA\r\n", b"x" * 999 + b"\r\n.\r\n", MAIL])
    assert (codes(said)[-2:], came, why) == ([554, 250], [], None)


def test_tls_is_required_before_mail() -> None:
    dialogue = Answering("here.example")
    dialogue.greet()
    dialogue.feed(EHLO)
    assert dialogue.next_event() is None
    dialogue.feed(MAIL)
    assert dialogue.next_event() is None
    assert b"530 5.7.0 " in dialogue.take_output()


def tls_dialogue() -> Answering:
    dialogue = Answering("here.example")
    dialogue.greet()
    dialogue.feed(EHLO)
    assert dialogue.next_event() is None
    return dialogue


@pytest.mark.parametrize(
    "injected", [b"MAIL FROM:<evil@x.example>\r\n", b"X", b"EHLO evil.example\r\n" + MAIL]
)
def test_a04_commands_injected_at_starttls(injected: bytes) -> None:
    """Octets in the segment of STARTTLS: the line is closed, nothing of them is obeyed after the handshake."""
    dialogue = tls_dialogue()
    dialogue.feed(b"STARTTLS\r\n" + injected)
    assert dialogue.next_event() == Over("talked on without waiting")
    assert b"220 2.0.0" not in dialogue.take_output()


def test_a04_succeeds_where_the_buffer_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering.Answering, "_talks_on", lambda self: False)
    dialogue = tls_dialogue()
    dialogue.feed(b"STARTTLS\r\nEHLO evil.example\r\n" + MAIL)
    assert dialogue.next_event() == TlsAsked()
    dialogue.tls_started()
    assert isinstance(dialogue.next_event(), MailAsked)


def test_everything_is_forgotten_at_tls() -> None:
    dialogue = tls_dialogue()
    dialogue.feed(MAIL.replace(b"MAIL", b"NOOP"))
    assert dialogue.next_event() is None
    dialogue.feed(b"STARTTLS\r\n")
    assert dialogue.next_event() == TlsAsked()
    with pytest.raises(ProtocolError):
        dialogue.feed(b"plain octets")
    dialogue.tls_started()
    dialogue.take_output()
    dialogue.feed(MAIL)
    assert dialogue.next_event() is None
    assert codes(dialogue.take_output()) == [503]
    dialogue.feed(EHLO)
    assert dialogue.next_event() is None
    assert b"STARTTLS" not in dialogue.take_output()
    dialogue.feed(b"STARTTLS\r\n")
    assert dialogue.next_event() is None
    assert codes(dialogue.take_output()) == [503]


def test_speaking_before_the_greeting() -> None:
    dialogue = Answering("here.example")
    dialogue.feed(EHLO)
    assert dialogue.next_event() == Over("spoke before the greeting")


def test_answers_come_in_order_and_one_at_a_time() -> None:
    dialogue = Answering("here.example", tls_required=False)
    dialogue.greet()
    dialogue.feed(EHLO)
    assert dialogue.next_event() is None
    dialogue.feed(MAIL + RCPT)
    assert isinstance(dialogue.next_event(), MailAsked)
    with pytest.raises(StateError):
        dialogue.next_event()
    dialogue.answer(reply(451, "4.3.2", "Later"))
    assert dialogue.next_event() is None
    assert codes(dialogue.take_output())[-2:] == [451, 503]


def test_421_ends_it() -> None:
    dialogue = Answering("here.example", tls_required=False)
    dialogue.greet()
    dialogue.feed(EHLO)
    dialogue.next_event()
    dialogue.feed(MAIL)
    dialogue.next_event()
    dialogue.answer(reply(421, "4.3.2", "Closing"))
    assert isinstance(dialogue.next_event(), Over)
    assert dialogue.next_event() is None


@pytest.mark.parametrize(
    ("given_", "trusted", "kept", "code"),
    [
        (6, False, 0, "2.3.6"),
        (6, True, 6, "2.1.0"),
        (-4, False, -4, "2.1.0"),
        (None, False, None, "2.1.0"),
        (0, False, 0, "2.1.0"),
    ],
)
def test_a12_priority_of_a_stranger_is_not_honoured(
    given_: int | None, trusted: bool, kept: int | None, code: str
) -> None:
    mail, answer = lowered(Mail("a@b.example", priority=given_), trusted=trusted)
    assert (mail.priority, answer.enhanced, answer.good) == (kept, code, True)


@settings(max_examples=200)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from([EHLO, MAIL, RCPT, b"DATA\r\n", END, b"RSET\r\n", b"\r\n.\r\n"]),
        ),
        max_size=15,
    )
)
def test_no_input_raises(pieces: list[bytes]) -> None:
    try:
        said, came, _ = serve(pieces, limits=Limits(message=200, faults=5))
    except CableroomError as error:  # nothing of a peer may come out as an error
        pytest.fail(str(error))
    assert all(200 <= code < 600 for code in codes(said))
    assert all(len(message.octets) <= 200 for message in came)


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from([EHLO, MAIL, RCPT, b"DATA\r\n", END, b"RSET\r\n", b"junk\r\n", b"a\rb\r\n"]),
        max_size=12,
    )
)
def test_cuts_only_ever_make_it_stricter(pieces: list[bytes]) -> None:
    """Messages that come out of one big segment are those of the same octets one by one, or fewer."""
    whole = serve([b"".join(pieces)])[1]
    alone = serve([octet.to_bytes() for piece in pieces for octet in piece])[1]
    assert [m.octets for m in whole] == [m.octets for m in alone][: len(whole)]
