"""Legs on their way out: sealed once, tried patiently, the same bytes every time; over real sockets."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from correspondent import Correspondent, draft, entries, kinds, release
from cryptography.hazmat.primitives import serialization

from cableroom.cable.canonical import sha256_hex
from cableroom.directory import routes
from cableroom.errors import StateError
from cableroom.register import following, ledger
from cableroom.seal import trust
from cableroom.wire import lines, outbox, outgoing, schedule, sending, serving
from cableroom.wire.calling import Times
from cableroom.wire.listening import Listener, Peer
from cableroom.wire.models import Attempt, Channel, Dispatch, Leg
from cableroom.wire.schedule import LegState
from cableroom.wire.smtp.answering import MessageCame
from cableroom.wire.smtp.replies import Reply, reply

pytestmark = pytest.mark.django_db(transaction=True)

TO_GENEVA = draft("CAPITAL", "GENEVA@un.example")


def one(**where: Any) -> Dispatch:
    return Dispatch.objects.get(**where)


# ---- without a line


def test_a_leg_for_each_addressee_post(capital: Any, havana: Any, geneva: Any, clock: Any) -> None:
    text = (
        "FROM: CAPITAL\nTO: GENEVA@un.example FLASH NIACT\nINFO: HAVANA, CAPITAL\nPRECEDENCE: IMMEDIATE / ROUTINE\n"
        "CLASSIFICATION: SECRET\nSUBJECT: Fish\n\n1. Text.\n"
    ).replace("FLASH NIACT", "NIACT FLASH")
    digest = release(capital, text, clock.now)
    legs = outbox.legs(str(capital), digest, now=clock.now)
    assert [(str(leg.to), leg.precedence, leg.niact, leg.action) for leg in legs] == [
        ("un.example/GENEVA", 4, True, True),
        ("mfa.example/HAVANA", 1, False, False),
    ]
    assert {leg.level for leg in legs} == {4}


def test_sealed_once_in_one_transaction_with_its_number(
    capital: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    digest = release(capital, TO_GENEVA, clock.now)
    outgoing.take_up(clock.now)
    row = one()
    real = outgoing.legs.seal

    def broken(*args: Any, **how: Any) -> bytes:
        raise StateError("the power went")

    monkeypatch.setattr(outgoing.legs, "seal", broken)
    assert outgoing.prepare(row.pk, now=clock.now) is None
    assert not Channel.objects.filter(sent__gt=0).exists() and one().channel is None
    monkeypatch.setattr(outgoing.legs, "seal", real)
    clock.forward(minutes=5)
    first = outgoing.prepare(row.pk, now=clock.now)
    again = outgoing.prepare(row.pk, now=clock.forward(days=1))
    assert first is not None and again is not None and first.octets == again.octets
    assert (one().channel, one().leg) == (1, sha256_hex(first.octets))
    sheet, _ = geneva.open(first.octets)
    assert (sheet.channel, sheet.kind, sheet.digest, sheet.receiver) == (1, "cable", digest, geneva.post)
    assert sheet.sender == capital


def test_numbers_of_a_channel_have_no_gaps(capital: Any, havana: Any, geneva: Any, clock: Any) -> None:
    for _ in range(3):
        release(capital, draft("CAPITAL", "GENEVA@un.example, HAVANA"), clock.now)
    outgoing.take_up(clock.now)
    for row in Dispatch.objects.all():
        outgoing.prepare(row.pk, now=clock.now)
    for to in ("un.example/GENEVA", "mfa.example/HAVANA"):
        assert sorted(Dispatch.objects.filter(to=to).values_list("channel", flat=True)) == [1, 2, 3]


def test_the_most_urgent_goes_first(capital: Any, geneva: Any, clock: Any) -> None:
    for precedence in ("ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH", "ROUTINE"):
        release(capital, draft("CAPITAL", "GENEVA@un.example", precedence=precedence), clock.now)
        clock.forward(seconds=1)
    outgoing.take_up(clock.now)
    assert [item.precedence for item in sorted(outgoing.due(clock.now), key=schedule.order)] == [
        4,
        3,
        2,
        1,
        1,
    ]
    assert [item.precedence for item in outgoing.due(clock.now, busy=["un.example/GENEVA"])] == [4]


def test_a_post_without_confirmed_card_waits_and_says_why(capital: Any, stranger: Any, clock: Any) -> None:
    stranger.hand_over_card(clock.now)
    digest = release(capital, TO_GENEVA, clock.now)
    sending.SENDER.run()
    [leg] = outbox.legs(str(capital), digest, now=clock.now)
    assert (leg.state, leg.code) == (LegState.WAITING, "no-route") and leg.next_try is not None
    assert kinds(capital) == ["Released"], "a passing fault is no entry"


def test_in_vain_pauses_grow_and_nothing_is_entered(capital: Any, geneva: Any, clock: Any) -> None:
    release(capital, TO_GENEVA, clock.now)
    outgoing.take_up(clock.now)
    pauses = []
    for _ in range(9):
        row = one()
        assert outgoing.prepare(row.pk, now=clock.now) is not None
        outgoing.in_vain(row.pk, "smtp", "no-connection", "Nobody answers.", final=False, now=clock.now)
        pauses.append((one().next_try - clock.now).total_seconds())
        clock.now = one().next_try
    assert pauses[-1] > 20 * pauses[0] and max(pauses) <= 1.25 * 3600
    assert kinds(capital) == ["Released"]
    [leg] = outbox.queue([str(capital)], now=clock.now)
    assert (leg.tries, leg.code, leg.state) == (9, "no-connection", LegState.SEALED)
    assert [each.code for each in outbox.tries(str(capital), leg.digest, geneva.post)] == [
        "no-connection"
    ] * 9


def test_attempts_kept_are_bounded(capital: Any, geneva: Any, clock: Any) -> None:
    release(capital, TO_GENEVA, clock.now)
    outgoing.take_up(clock.now)
    outgoing.prepare(one().pk, now=clock.now)
    for _ in range(outgoing.ATTEMPTS_KEPT + 5):
        outgoing.in_vain(one().pk, "smtp", "x", "y", final=False, now=clock.forward(hours=1))
    assert Attempt.objects.count() == outgoing.ATTEMPTS_KEPT


def test_giving_up_after_three_months_is_entered_and_a_person_can_send_again(
    capital: Any, geneva: Any, clock: Any
) -> None:
    digest = release(capital, TO_GENEVA, clock.now)
    outgoing.take_up(clock.now)
    outgoing.prepare(one().pk, now=clock.now)
    clock.forward(days=91)
    outgoing.in_vain(one().pk, "smtp", "no-connection", "Nobody answers.", final=False, now=clock.now)
    [leg] = outbox.overdue([str(capital)], now=clock.now)
    assert (leg.state, leg.code) == (LegState.FAILED, "gave-up") and kinds(capital)[-1] == "Failed"
    assert outgoing.due(clock.now) == []
    before = bytes(one().sealed)
    outbox.send_again(str(capital), digest, geneva.post, now=clock.now)
    [item] = outgoing.due(clock.now)
    ready = outgoing.prepare(int(item.name), now=clock.now)
    assert ready is not None and ready.octets == before
    outgoing.taken(ready.pk, "smtp", "250", now=clock.now)
    assert outbox.legs(str(capital), digest, now=clock.now)[0].state is LegState.HANDED_OVER


def test_f32_without_a_receipt_the_same_bytes_go_again(capital: Any, geneva: Any, clock: Any) -> None:
    """The peer said 250 and forgot: the leg opens again by itself, ever more slowly, and people are told."""
    digest = release(capital, draft("CAPITAL", "GENEVA@un.example", precedence="FLASH"), clock.now)
    outgoing.take_up(clock.now)
    waits, octets = [], set()
    for _ in range(5):
        ready = outgoing.prepare(one().pk, now=clock.now)
        assert ready is not None
        octets.add(ready.octets)
        outgoing.taken(ready.pk, "smtp", "250 ok", now=clock.now)
        assert outgoing.due(clock.now) == []
        waits.append((one().next_try - clock.now).total_seconds())
        clock.now = one().next_try
        assert len(outgoing.due(clock.now)) == 1
    assert waits == [60, 120, 240, 480, 960] and len(octets) == 1
    assert [entry.data["attempt"] for entry in entries(capital, "HandedOver")] == [1, 2, 3, 4, 5]
    [leg] = outbox.overdue([str(capital)], now=clock.now)
    assert leg.overdue and leg.digest == digest


def test_f03_killed_between_the_peers_250_and_our_entry(
    capital: Any, geneva: Any, clock: Any, monkeypatch: Any
) -> None:
    release(capital, TO_GENEVA, clock.now)
    outgoing.take_up(clock.now)
    ready = outgoing.prepare(one().pk, now=clock.now)
    assert ready is not None
    real = ledger.append

    def killed(act: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger, "append", killed)
    with pytest.raises(KeyboardInterrupt):
        outgoing.taken(ready.pk, "smtp", "250 ok", now=clock.now)
    monkeypatch.setattr(ledger, "append", real)
    assert one().handed_over == 0 and len(outgoing.due(clock.now)) == 1
    again = outgoing.prepare(one().pk, now=clock.now)
    assert again is not None and again.octets == ready.octets


def test_entry_and_row_move_together(capital: Any, geneva: Any, clock: Any, monkeypatch: Any) -> None:
    """If the row cannot be written, the entry is not; and the other way round."""
    release(capital, TO_GENEVA, clock.now)
    outgoing.take_up(clock.now)
    outgoing.prepare(one().pk, now=clock.now)

    def broken(*args: Any) -> None:
        raise StateError("no")

    monkeypatch.setattr(outgoing, "_note", broken)
    with pytest.raises(StateError):
        outgoing.taken(one().pk, "smtp", "250 ok", now=clock.now)
    assert kinds(capital) == ["Released"] and one().handed_over == 0


def test_a_restored_cable_makes_no_leg(capital: Any, geneva: Any, clock: Any) -> None:
    release(capital, TO_GENEVA, clock.now)
    entry = next(iter(ledger.entries(str(capital), kinds=["Released"])))
    opened = following.opened_of(entry)
    again = ledger.fact(
        str(capital),
        "Released",
        "again:1",
        actor=entry.actor,
        data={**entry.data, "again": True},
        digest="ab" * 32,
        blob=ledger.blob(str(capital), entry.index),
        opened=opened,
    )
    ledger.append(again)
    assert Leg.objects.filter(digest="ab" * 32).count() == 0


def test_legs_are_the_same_after_a_rebuild(capital: Any, havana: Any, geneva: Any, clock: Any) -> None:
    for text in (TO_GENEVA, draft("CAPITAL", "HAVANA, GENEVA@un.example", precedence="FLASH")):
        release(capital, text, clock.now)
    following.drain()
    outgoing.in_vain(
        Dispatch.objects.filter(kind="cable", to="un.example/GENEVA")[0].pk,
        "smtp",
        "x",
        "y",
        final=True,
        now=clock.now,
    )
    before = Dispatch.objects.count()
    assert following.rebuild(check=True) == []
    assert Dispatch.objects.count() == before


def test_bytes_stay_until_the_backup_covers_them(capital: Any, geneva: Any, clock: Any) -> None:
    digests = [
        release(capital, draft("CAPITAL", "GENEVA@un.example", body=f"1. {n}.\n"), clock.now)
        for n in range(2)
    ]
    outgoing.take_up(clock.now)
    for number, digest in enumerate(digests):
        row = one(name=digest)
        outgoing.prepare(row.pk, now=clock.now)
        outgoing.taken(row.pk, "smtp", "250", now=clock.now)
        outgoing.receipted(
            str(capital), digest, "un.example/GENEVA", entry=number * 10, backed_up=0, now=clock.now
        )
    assert Dispatch.objects.filter(closed=True, sealed__isnull=False).count() == 2
    outgoing.receipted(str(capital), "none", "un.example/GENEVA", entry=0, backed_up=5, now=clock.now)
    assert [row.name for row in Dispatch.objects.all()] == [digests[1]]
    assert outgoing.sweep(clock.forward(days=91)) >= 1 and not Dispatch.objects.exists()


# ---- over a line


class GenevaDesk:
    """What GENEVA's machine does with what comes: it keeps it, and answers as it is told."""

    def __init__(self, known: trust.Authority | None) -> None:
        self.known = known
        self.came: list[tuple[bytes, Peer, int | None]] = []
        self.answer: Callable[[MessageCame], Reply] = lambda message: reply(250, "2.0.0", "Taken")

    def identify(self, certificate: bytes, address: str) -> Peer:
        known = [self.known] if self.known else []
        verdict = trust.judge(certificate, use=trust.Use.LINE, authorities=known, at=ledger.now())
        return Peer(address, True, "mfa.example" if verdict.good else None, verdict.authority)

    def recipient(self, address: str, peer: Peer) -> Reply:
        return reply(250, "2.1.5", "ok")

    def message(self, message: MessageCame, peer: Peer) -> Reply:
        self.came.append((message.octets, peer, message.mail.priority))
        return self.answer(message)


@contextmanager
def in_thread(start: Callable[[], Any]) -> Iterator[Any]:
    """Runs an asyncio server (`start` gives one with a `stop`) in a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: Any) -> None:
    await server.stop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def pem_of(geneva: Correspondent, folder: Path) -> Path:
    private = geneva.line_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "geneva.pem"
    path.write_bytes(private + ssl.DER_cert_to_PEM_cert(geneva.line).encode())
    return path


@contextmanager
def geneva_listens(geneva: Correspondent, folder: Path, desk: GenevaDesk, clock: Any) -> Iterator[Listener]:
    known = [desk.known.certificate] if desk.known else []
    pem = pem_of(geneva, folder)

    async def start() -> Listener:
        listener = Listener(
            "127.0.0.1", 0, "geneva.un.example", lambda: lines.server_context(pem, known), desk
        )
        await listener.start()
        return listener

    with in_thread(start) as listener:
        routes.set_routes(geneva.post, [("smtp", f"127.0.0.1:{listener.port}")], by=None, now=clock.now)
        yield listener


def our_authority() -> trust.Authority:
    from cableroom.directory import certificates

    return certificates.authorities()[0]


def test_over_the_line_and_back(capital: Any, geneva: Any, clock: Any, tmp_path: Path) -> None:
    """Out through STARTTLS with both certificates, the receipt back through our own listener."""
    digest = release(capital, draft("CAPITAL", "GENEVA@un.example", precedence="FLASH"), clock.now)
    desk = GenevaDesk(our_authority())
    with geneva_listens(geneva, tmp_path, desk, clock):
        assert sending.SENDER.run()
        assert not sending.SENDER.run()
    [(octets, peer, priority)] = desk.came
    assert (peer.org, priority) == ("mfa.example", 4)
    assert outbox.legs(str(capital), digest, now=clock.now)[0].state is LegState.HANDED_OVER
    assert octets == bytes(one().sealed)

    entry = next(iter(ledger.entries(str(capital), kinds=["Released"])))
    message = geneva.receipt(following.opened_of(entry).signed_data, capital, clock.now, digest=digest)
    answer = deliver_to_us(geneva, geneva.say(message, capital, clock.now), "capital@mfa.example", tmp_path)
    assert answer.startswith("250")
    assert outbox.legs(str(capital), digest, now=clock.now)[0].state is LegState.RECEIPTED


def deliver_to_us(
    geneva: Correspondent, octets: bytes, recipient: str, folder: Path, *, port: int | None = None
) -> str:
    """GENEVA calls our own listener with its line certificate; what it hears."""
    from cableroom.wire.calling import Call, Contexts
    from cableroom.wire.smtp.asking import Transaction

    async def start() -> Listener:
        listener = await asyncio.to_thread(serving.listener)
        listener.port = 0
        await listener.start()
        return listener

    async def call(to: int) -> str:
        contexts = Contexts(lines.client_context(pem_of(geneva, folder)), lines.client_context())
        authorities = (our_authority_der,)
        judge = lambda certificate: sending.judge_line(certificate, authorities=authorities, at=ledger.now())  # noqa: E731
        made = Call("127.0.0.1", to, "geneva.un.example", judge, contexts, times=Times(5, 5, 10))
        await made.open()
        answer = await made.send(Transaction("geneva@un.example", recipient, octets, priority=2))
        await made.close()
        return str(answer.reply)

    our_authority_der = our_authority()
    with in_thread(start) as listener:
        return asyncio.run(call(port or listener.port))


def test_our_listener_knows_a_confirmed_installation(
    capital: Any, geneva: Any, clock: Any, tmp_path: Path
) -> None:
    assert deliver_to_us(geneva, b"x\r\n", "nobody@mfa.example", tmp_path).startswith("550 5.1.1")
    assert deliver_to_us(geneva, b"x\r\n", "capital@mfa.example", tmp_path).startswith("554 5.7.1")
    _, leg = geneva.send(capital, clock.now)
    assert deliver_to_us(geneva, leg, "capital@mfa.example", tmp_path).startswith("250 2.0.0")
    assert kinds(capital) == ["Received"]


def test_our_listener_tells_a_stranger_nothing(
    capital: Any, stranger: Any, clock: Any, tmp_path: Path
) -> None:
    for recipient in ("nobody@mfa.example", "capital@mfa.example"):
        assert deliver_to_us(stranger, b"x\r\n", recipient, tmp_path) == "451 4.7.1 Not accepted now"


def test_a_line_is_used_again(
    capital: Any, geneva: Any, clock: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    calls = []
    real = sending.Call.open

    async def counted(self: Any) -> None:
        calls.append(self)
        await real(self)

    monkeypatch.setattr(sending.Call, "open", counted)
    desk = GenevaDesk(our_authority())
    with geneva_listens(geneva, tmp_path, desk, clock):
        for n in range(12):
            release(capital, draft("CAPITAL", "GENEVA@un.example", body=f"1. {n}.\n"), clock.now)
        sending.SENDER.run()
        release(capital, TO_GENEVA, clock.now)
        sending.SENDER.run()
    assert len(desk.came) == 13 and len(calls) <= sending.SLOTS.one_peer


def test_a_stale_line_is_replaced(capital: Any, geneva: Any, clock: Any, tmp_path: Path) -> None:
    """The peer closed an idle line: the next leg goes over a new one, not back to the queue."""
    desk = GenevaDesk(our_authority())
    with geneva_listens(geneva, tmp_path, desk, clock) as listener:
        release(capital, TO_GENEVA, clock.now)
        sending.SENDER.run()
        for session in list(listener._sessions.values()):
            session.task.get_loop().call_soon_threadsafe(session.task.cancel)
        time.sleep(0.3)
        digest = release(capital, draft("CAPITAL", "GENEVA@un.example", body="1. Second.\n"), clock.now)
        sending.SENDER.run()
    assert outbox.legs(str(capital), digest, now=clock.now)[0].state is LegState.HANDED_OVER


def test_a_peer_that_does_not_know_us_yet_takes_it_from_a_stranger(
    capital: Any, geneva: Any, clock: Any, tmp_path: Path
) -> None:
    desk = GenevaDesk(None)
    digest = release(capital, draft("CAPITAL", "GENEVA@un.example", precedence="FLASH"), clock.now)
    with geneva_listens(geneva, tmp_path, desk, clock):
        sending.SENDER.run()
    assert desk.came[0][1].org is None and desk.came[0][2] == 0
    assert outbox.legs(str(capital), digest, now=clock.now)[0].state is LegState.HANDED_OVER


def test_a06_a15_somebody_else_at_the_address(capital: Any, geneva: Any, clock: Any, tmp_path: Path) -> None:
    impostor = Correspondent(clock.now)
    desk = GenevaDesk(our_authority())
    digest = release(capital, TO_GENEVA, clock.now)
    with geneva_listens(impostor, tmp_path, desk, clock):
        sending.SENDER.run()
    [leg] = outbox.legs(str(capital), digest, now=clock.now)
    assert (desk.came, leg.state, leg.code) == ([], LegState.SEALED, "wrong-peer")


@pytest.mark.parametrize(
    ("answer", "known", "state", "code"),
    [
        (reply(554, "5.7.1", "Refused: not-addressed"), True, LegState.REFUSED, "refused-by-peer:5.7.1"),
        (reply(451, "4.3.2", "HOLD"), True, LegState.SEALED, "later:4.3.2"),
        (reply(554, "5.7.1", "no"), False, LegState.FAILED, "smtp:554"),
        (reply(451, "4.7.1", "Not accepted now"), False, LegState.SEALED, "later:4.7.1"),
    ],
)
def test_what_a_peer_says(
    answer: Reply,
    known: bool,
    state: LegState,
    code: str,
    capital: Any,
    geneva: Any,
    clock: Any,
    tmp_path: Path,
) -> None:
    desk = GenevaDesk(
        our_authority() if known else trust.Authority("x.example", Correspondent(clock.now).authority)
    )
    desk.answer = lambda message: answer
    digest = release(capital, TO_GENEVA, clock.now)
    with geneva_listens(geneva, tmp_path, desk, clock):
        sending.SENDER.run()
    [leg] = outbox.legs(str(capital), digest, now=clock.now)
    assert (leg.state, leg.code) == (state, code)
    assert kinds(capital) == (
        ["Released", "Failed"] if state in (LegState.REFUSED, LegState.FAILED) else ["Released"]
    )


def test_flash_overtakes_a_line_that_hangs(capital: Any, geneva: Any, clock: Any, tmp_path: Path) -> None:
    """All common lines to the peer hang in their message; a FLASH released meanwhile goes at once."""
    desk = GenevaDesk(our_authority())
    hang = threading.Event()
    seen: list[tuple[int | None, float]] = []

    def answer(message: MessageCame) -> Reply:
        seen.append((message.mail.priority, time.monotonic()))
        if (message.mail.priority or 0) < 4:
            hang.wait(20)
        return reply(250, "2.0.0", "Taken")

    desk.answer = answer
    with geneva_listens(geneva, tmp_path, desk, clock):
        for n in range(8):
            release(capital, draft("CAPITAL", "GENEVA@un.example", body=f"1. {n}.\n"), clock.now)
        worker = threading.Thread(target=sending.SENDER.run)
        worker.start()
        time.sleep(2.0)
        began = time.monotonic()
        release(capital, draft("CAPITAL", "GENEVA@un.example", precedence="FLASH"), clock.now)
        while not any(priority == 4 for priority, _ in seen) and time.monotonic() - began < 10:
            time.sleep(0.05)
        waited = time.monotonic() - began
        hang.set()
        worker.join(30)
    assert waited < 3, waited
    assert Leg.objects.exclude(state=LegState.HANDED_OVER).count() == 0


def test_closing_does_not_wait_for_a_line_that_hangs(
    capital: Any, geneva: Any, clock: Any, tmp_path: Path
) -> None:
    desk = GenevaDesk(our_authority())
    hang = threading.Event()
    desk.answer = lambda message: (hang.wait(20), reply(250, "2.0.0", "Taken"))[1]
    with geneva_listens(geneva, tmp_path, desk, clock):
        release(capital, TO_GENEVA, clock.now)
        worker = threading.Thread(target=sending.SENDER.run)
        worker.start()
        while not desk.came:
            time.sleep(0.05)
        began = time.monotonic()
        sending.SENDER.close()
        spent = time.monotonic() - began
        hang.set()
        worker.join(20)
    assert spent < 3 and kinds(capital) == ["Released"], "nothing is entered that nobody has answered"
    assert len(outgoing.due(clock.now)) == 1


# ---- a line that is cut


class Proxy:
    """Carries octets between a caller and a port; cuts the line after so many octets of one direction."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.cut_from_caller: int | None = None
        self.cut_to_caller: int | None = None
        self.counts = [0, 0]
        self.server: asyncio.Server | None = None

    async def start(self) -> Proxy:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self.server is not None
        self.server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_connection("127.0.0.1", self.target)
        limits = [self.cut_from_caller, self.cut_to_caller]
        self.counts = [0, 0]

        async def pump(index: int, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(4096):
                limit = limits[index]
                if limit is not None and self.counts[index] + len(data) > limit:
                    sink.write(data[: max(0, limit - self.counts[index])])
                    await sink.drain()
                    for each in (writer, away):
                        each.transport.abort()
                    return
                self.counts[index] += len(data)
                sink.write(data)
                await sink.drain()

        try:
            await asyncio.gather(pump(0, reader, away), pump(1, there, writer))
        except ConnectionError:
            pass
        finally:
            for each in (writer, away):
                each.transport.abort()


def test_f31_cut_at_many_offsets_nothing_is_lost_and_nothing_twice(
    capital: Any, geneva: Any, clock: Any, tmp_path: Path
) -> None:
    """Whatever the peer took before the cut, it took whole; after the cut the same bytes go again."""
    desk = GenevaDesk(our_authority())
    with geneva_listens(geneva, tmp_path, desk, clock) as listener:
        proxy = Proxy(listener.port)
        with in_thread(proxy.start):
            routes.set_routes(geneva.post, [("smtp", f"127.0.0.1:{proxy.port}")], by=None, now=clock.now)
            digest = release(capital, TO_GENEVA, clock.now)
            sending.SENDER.run()
            whole = list(proxy.counts)
            sending.SENDER.close()
            again_and_again(digest, desk, proxy, whole, clock)
    [leg] = Leg.objects.all()
    assert leg.state == LegState.HANDED_OVER
    assert {octets for octets, _, _ in desk.came} == {bytes(one().sealed)}


def again_and_again(digest: str, desk: GenevaDesk, proxy: Proxy, whole: list[int], clock: Any) -> None:
    for direction in (0, 1):
        for share in (0.0, 0.01, 0.1, 0.3, 0.5, 0.8, 0.95, 0.99):
            outbox.send_again("mfa.example/CAPITAL", digest, one_to(), now=clock.forward(minutes=1))
            proxy.cut_from_caller = int(whole[0] * share) if direction == 0 else None
            proxy.cut_to_caller = int(whole[1] * share) if direction == 1 else None
            before, entered = len(desk.came), len(entries("mfa.example/CAPITAL", "HandedOver"))
            sending.SENDER.run()
            sending.SENDER.close()
            taken = len(entries("mfa.example/CAPITAL", "HandedOver")) - entered
            assert len(desk.came) - before >= taken, "handed over is only what was taken"
    proxy.cut_from_caller = proxy.cut_to_caller = None
    outbox.send_again("mfa.example/CAPITAL", digest, one_to(), now=clock.forward(minutes=1))
    sending.SENDER.run()


def one_to() -> Any:
    from cableroom.cable.address import Post

    return Post("un.example", "GENEVA")


def test_f31_our_listener_cut_at_many_offsets(capital: Any, geneva: Any, clock: Any, tmp_path: Path) -> None:
    """Ours to answer: registered once, however often and wherever the line broke."""
    from cableroom.errors import CableroomError

    _, leg = geneva.send(capital, clock.now)

    async def start() -> Listener:
        listener = await asyncio.to_thread(serving.listener)
        listener.port = 0
        await listener.start()
        return listener

    with in_thread(start) as listener:
        proxy = Proxy(listener.port)
        with in_thread(proxy.start):
            for direction, share in [(0, s) for s in (0.1, 0.5, 0.9, 0.99)] + [
                (1, s) for s in (0.1, 0.5, 0.9, 0.99)
            ]:
                proxy.cut_from_caller = int(13_000 * share) if direction == 0 else None
                proxy.cut_to_caller = int(1_800 * share) if direction == 1 else None
                with suppress(CableroomError):
                    deliver_to_us(geneva, leg, "capital@mfa.example", tmp_path, port=proxy.port)
            proxy.cut_from_caller = proxy.cut_to_caller = None
            assert deliver_to_us(geneva, leg, "capital@mfa.example", tmp_path, port=proxy.port).startswith(
                "250"
            )
    assert kinds(capital).count("Received") == 1
