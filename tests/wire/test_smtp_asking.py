"""The side that calls: what it believes, what it says, when it gives up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cableroom.errors import CableroomError, Permanent, ProtocolError, TryLater
from cableroom.wire.smtp import asking
from cableroom.wire.smtp.asking import Asking, Declined, Gone, Ready, Step, Taken, TlsWanted, Transaction
from cableroom.wire.smtp.limits import Limits
from cableroom.wire.smtp.replies import ReplyReader

HELLO = b"250-there.example\r\n250-SIZE 100000\r\n250-PIPELINING\r\n250-DSN\r\n250-MT-PRIORITY STANAG4406\r\n250 STARTTLS\r\n"
PLAIN = b"250 there.example\r\n"
WORK = Transaction(
    "capital@mfa.example",
    "havana@mfa.example",
    b"Subject: x\r\n\r\n.\r\n",
    priority=2,
    envid="x1",
    notify=("FAILURE",),
)


def ready(hello: bytes = HELLO) -> Asking:
    """A dialogue that has come to its Ready, without TLS."""
    dialogue = Asking("here.example", tls=False)
    dialogue.feed(b"220 there\r\n")
    assert dialogue.next_event() is None
    assert dialogue.take_output() == b"EHLO here.example\r\n"
    dialogue.feed(hello)
    assert isinstance(dialogue.next_event(), Ready)
    return dialogue


def test_pipelined_transaction() -> None:
    dialogue = ready()
    dialogue.send(WORK)
    assert dialogue.take_output() == (
        b"MAIL FROM:<capital@mfa.example> SIZE=17 RET=HDRS ENVID=x1 MT-PRIORITY=2\r\nRCPT TO:<havana@mfa.example> NOTIFY=FAILURE\r\n"
    )
    dialogue.feed(b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n")
    assert dialogue.next_event() is None
    assert dialogue.take_output() == b"DATA\r\n"
    dialogue.feed(b"354 go\r\n")
    assert dialogue.next_event() is None
    assert dialogue.take_output() == b"Subject: x\r\n\r\n..\r\n.\r\n"
    dialogue.feed(b"250 2.0.0 taken\r\n")
    event = dialogue.next_event()
    assert isinstance(event, Taken) and event.reply.text == "taken"
    dialogue.quit()
    assert dialogue.take_output() == b"QUIT\r\n"
    dialogue.feed(b"221 bye\r\n")
    assert dialogue.next_event() == Gone()


def test_in_lock_step_without_extensions() -> None:
    dialogue = ready(PLAIN)
    dialogue.send(WORK)
    said = []
    for answer in (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
        said.append(dialogue.take_output())
        dialogue.feed(answer)
        assert dialogue.next_event() is None
    assert said == [b"MAIL FROM:<capital@mfa.example>\r\n", b"RCPT TO:<havana@mfa.example>\r\n", b"DATA\r\n"]


# answers in order after MAIL (and RCPT) → step, final
DECLINED = [
    ([b"550 5.7.1 no\r\n", b"503 5.5.1 what\r\n", b"250 reset\r\n"], Step.MAIL, True),
    ([b"250 ok\r\n", b"550 5.1.1 who\r\n", b"250 reset\r\n"], Step.RECIPIENT, True),
    ([b"250 ok\r\n", b"452 4.5.3 later\r\n", b"250 reset\r\n"], Step.RECIPIENT, False),
    ([b"250 ok\r\n", b"250 ok\r\n", b"451 4.3.2 hold\r\n", b"250 reset\r\n"], Step.DATA, False),
    ([b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"554 5.7.1 refused\r\n"], Step.MESSAGE, True),
    ([b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"451 4.7.1 later\r\n"], Step.MESSAGE, False),
]


@pytest.mark.parametrize(("answers", "step", "final"), DECLINED)
def test_declined_and_ready_again(answers: list[bytes], step: Step, final: bool) -> None:
    dialogue = ready()
    dialogue.send(WORK)
    event = None
    for answer in answers:
        assert event is None
        dialogue.feed(answer)
        event = dialogue.next_event()
    assert isinstance(event, Declined) and (event.step, event.final) == (step, final)
    dialogue.take_output()
    dialogue.send(WORK)
    assert dialogue.take_output().startswith(b"MAIL FROM:")


def test_a06_no_starttls_nothing_is_sent() -> None:
    dialogue = Asking("here.example")
    dialogue.feed(b"220 there\r\n")
    dialogue.next_event()
    dialogue.take_output()
    dialogue.feed(HELLO.replace(b"STARTTLS", b"XXXXXXXX"))
    with pytest.raises(TryLater) as caught:
        dialogue.next_event()
    assert caught.value.code == "no-tls" and dialogue.take_output() == b""


@pytest.mark.parametrize("answer", [b"454 4.7.0 not now\r\n", b"502 5.5.1 what\r\n"])
def test_a06_starttls_declined(answer: bytes) -> None:
    dialogue = at_starttls()
    dialogue.feed(answer)
    with pytest.raises((TryLater, Permanent)):
        dialogue.next_event()
    assert dialogue.take_output() == b""


def test_a06_succeeds_where_tls_is_only_wished_for() -> None:
    dialogue = ready(HELLO.replace(b"STARTTLS", b"XXXXXXXX"))
    dialogue.send(WORK)
    assert dialogue.take_output().startswith(b"MAIL")


def at_starttls() -> Asking:
    dialogue = Asking("here.example")
    dialogue.feed(b"220 there\r\n")
    dialogue.next_event()
    dialogue.take_output()
    dialogue.feed(HELLO)
    assert dialogue.next_event() is None
    assert dialogue.take_output() == b"STARTTLS\r\n"
    return dialogue


@pytest.mark.parametrize("injected", [b"2", b"250-evil\r\n250 SIZE 1\r\n", b"250 2.0.0 ok\r\n" * 3])
def test_a05_answers_injected_at_starttls(injected: bytes) -> None:
    dialogue = at_starttls()
    dialogue.feed(b"220 go\r\n" + injected)
    with pytest.raises(ProtocolError) as caught:
        dialogue.next_event()
    assert caught.value.code == "spoke-out-of-turn"


def test_a05_succeeds_where_the_buffer_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.Asking, "_quiet", lambda self, when: None)
    dialogue = at_starttls()
    dialogue.feed(b"220 go\r\n250-evil\r\n250 SIZE 1\r\n")
    assert dialogue.next_event() == TlsWanted()
    dialogue.tls_started()
    event = dialogue.next_event()
    assert isinstance(event, Ready) and event.offers == {"SIZE": "1"}


def test_what_was_offered_before_tls_is_forgotten() -> None:
    dialogue = at_starttls()
    dialogue.feed(b"220 go\r\n")
    assert dialogue.next_event() == TlsWanted()
    dialogue.tls_started()
    assert dialogue.take_output() == b"EHLO here.example\r\n"
    dialogue.feed(PLAIN)
    event = dialogue.next_event()
    assert event == Ready({})


@pytest.mark.parametrize("answer", [b"220 a\r\n250 b\r\n", b"220 a\r\n" + HELLO])
def test_a_greeting_that_talks_on(answer: bytes) -> None:
    dialogue = Asking("here.example")
    dialogue.feed(answer)
    with pytest.raises(ProtocolError):
        dialogue.next_event()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"554 5.3.2 closed\r\n", Permanent),
        (b"421 4.3.2 busy\r\n", TryLater),
        (b"450 wait\r\n", TryLater),
        (b"250 hello\r\n", TryLater),
        (b"HTTP/1.1 400 Bad Request\r\n", ProtocolError),
        (b"220 bare\n", ProtocolError),
        (b"220-a\r\n221 b\r\n", ProtocolError),
        (b"220 " + b"x" * 2000, ProtocolError),
        (b"220-x\r\n" * 200, ProtocolError),
        (b"220 a\0b\r\n", ProtocolError),
        (b"220x\r\n", ProtocolError),
        (b"999 x\r\n", ProtocolError),
    ],
)
def test_bad_greetings(answer: bytes, error: type[CableroomError]) -> None:
    dialogue = Asking("here.example")
    with pytest.raises(error):
        dialogue.feed(answer)
        dialogue.next_event()


def test_too_large_is_said_before_a_byte_leaves() -> None:
    dialogue = ready(b"250-there\r\n250 SIZE 10\r\n")
    with pytest.raises(Permanent) as caught:
        dialogue.send(WORK)
    assert caught.value.code == "too-large" and dialogue.take_output() == b""


@pytest.mark.parametrize("message", [b"a\nb\r\n", b"a\r\n.\n\r\n", b"no end"])
def test_a02_a_message_with_bare_line_ends_never_leaves(message: bytes) -> None:
    dialogue = ready()
    with pytest.raises(ProtocolError):
        dialogue.send(Transaction("a@b.example", "c@d.example", message))
    assert dialogue.take_output() == b""


def test_a08_an_address_with_a_line_end_never_leaves() -> None:
    dialogue = ready()
    with pytest.raises(ProtocolError):
        dialogue.send(Transaction("a@b.example", "c@d.example>\r\nRCPT TO:<e@f.example", b"x\r\n"))
    assert dialogue.take_output() == b""


def test_421_at_any_step() -> None:
    for answers in ([], [b"250 ok\r\n"], [b"250 ok\r\n", b"250 ok\r\n"]):
        dialogue = ready()
        dialogue.send(WORK)
        for answer in answers:
            dialogue.feed(answer)
            dialogue.next_event()
        dialogue.feed(b"421 4.3.2 closing\r\n")
        with pytest.raises(TryLater):
            dialogue.next_event()


@settings(max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 5))
def test_no_answer_raises_anything_else(data: bytes, steps: int) -> None:
    dialogue = ready()
    dialogue.send(WORK)
    for answer in [b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"][:steps]:
        dialogue.feed(answer)
        dialogue.next_event()
    try:
        dialogue.feed(data)
        while dialogue.next_event() is not None:
            pass
    except CableroomError:
        pass


@given(
    st.lists(
        st.sampled_from([b"250 a\r\n", b"250-b\r\n", b"550 5.1.1 c\r\n", b"250", b"\r\n", b"x"]), max_size=8
    ),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_no_cut_changes_the_answers(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)

    def read(places: list[int]) -> list[object]:
        reader = ReplyReader(Limits())
        out: list[object] = []
        try:
            for start, end in pairwise(places):
                reader.feed(data[start:end])
                while (answer := reader.take()) is not None:
                    out.append(answer)
        except ProtocolError as error:
            out.append(error.what)
        return out

    assert read([0, len(data)]) == read(sorted({0, len(data)} | {min(cut, len(data)) for cut in cuts}))
