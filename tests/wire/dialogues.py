"""Helpers: drive the two dialogues without a line."""

from __future__ import annotations

from cableroom.wire.smtp import answering
from cableroom.wire.smtp.answering import Answering, MailAsked, MessageCame, Over, RecipientAsked, TlsAsked
from cableroom.wire.smtp.limits import Limits
from cableroom.wire.smtp.replies import reply


def serve(
    pieces: list[bytes], *, tls: bool = False, limits: Limits | None = None
) -> tuple[bytes, list[MessageCame], str | None]:
    """Feed `pieces` to a fresh server that takes everything. Returns what it said, the messages, and why it
    closed (None: still open)."""
    dialogue = Answering("here.example", limits or Limits(), tls_offered=tls, tls_required=False)
    dialogue.greet()
    messages: list[MessageCame] = []
    for piece in pieces:
        for start in range(0, len(piece), 65536):
            over = _step(dialogue, piece[start : start + 65536], messages)
            if over is not None:
                return dialogue.take_output(), messages, over
    return dialogue.take_output(), messages, None


def _step(dialogue: Answering, piece: bytes, messages: list[MessageCame]) -> str | None:
    dialogue.feed(piece)
    while (event := dialogue.next_event()) is not None:
        match event:
            case MailAsked(mail):
                dialogue.answer(answering.lowered(mail, trusted=False)[1])
            case RecipientAsked():
                dialogue.answer(reply(250, "2.1.5", "Good"))
            case MessageCame():
                messages.append(event)
                dialogue.answer(reply(250, "2.0.0", "Taken"))
            case TlsAsked():
                return "tls"
            case Over(why):
                return why
    return None


def codes(said: bytes) -> list[int]:
    """The codes of the answers, one for each whole answer."""
    return [int(line[:3]) for line in said.split(b"\r\n") if line[3:4] == b" "]
