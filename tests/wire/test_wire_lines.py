"""Real sockets on loopback: TLS, who is on the line, limits of time and number."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from datetime import timedelta
from pathlib import Path

import pytest
from lineparts import NOW, Desk, Side, calling, listening, run

from cableroom.errors import CableroomError, Permanent, ProtocolError, TryLater, Unavailable
from cableroom.seal import trust
from cableroom.seal.trust import Use
from cableroom.wire import lines
from cableroom.wire.calling import Call
from cableroom.wire.calling import Times as CallTimes
from cableroom.wire.listening import Listener, Peer, Times
from cableroom.wire.smtp.asking import Declined, Taken, Transaction
from cableroom.wire.smtp.limits import Limits
from cableroom.wire.smtp.replies import reply

A, B, EVE = Side("mfa.example"), Side("un.example"), Side("mfa.example")


def work(text: bytes = b"Subject: x\r\n\r\n.\r\n", priority: int | None = 2) -> Transaction:
    return Transaction("capital@mfa.example", "geneva@un.example", text, priority=priority, envid="e1")


async def deliver(call: Call, *works: Transaction) -> list[Taken | Declined]:
    await call.open()
    try:
        return [await call.send(one) for one in works]
    finally:
        await call.close()


def test_a_message_goes_over_under_mutual_tls() -> None:
    desk = Desk(knows=[A])

    async def story() -> None:
        async with listening(B, desk) as listener:
            answers = await deliver(calling(A, B, listener.port), work(), work(b"two\r\n"))
            assert all(isinstance(answer, Taken) for answer in answers)

    run(story())
    assert [(octets, peer.org, peer.authority, priority) for octets, peer, priority in desk.taken] == [
        (b"Subject: x\r\n\r\n.\r\n", "mfa.example", trust.authority_id(A.certificate), 2),
        (b"two\r\n", "mfa.example", trust.authority_id(A.certificate), 2),
    ]


def test_a_large_message_and_many_at_once() -> None:
    desk = Desk(knows=[A])
    large = b"x" * 76 + b"\r\n"

    async def story() -> None:
        async with listening(B, desk) as listener:
            await deliver(calling(A, B, listener.port), work(large * 50_000))
            await asyncio.gather(*(deliver(calling(A, B, listener.port), work()) for _ in range(20)))

    run(story())
    assert len(desk.taken) == 21 and len(desk.taken[0][0]) == 3_900_000


def test_a_caller_whose_authority_is_not_known_comes_as_a_stranger() -> None:
    """A card that the other side has not confirmed yet: the call goes through, without rank."""
    desk = Desk(knows=[])

    async def story() -> Call:
        async with listening(B, desk) as listener:
            call = calling(A, B, listener.port)
            assert isinstance((await deliver(call, work()))[0], Taken)
            return call

    run(story())
    (_, peer, priority), *_ = desk.taken
    assert (peer.org, peer.secure, priority) == (None, True, 0)


def test_a_caller_refused_by_the_handshake_comes_again_as_a_stranger() -> None:
    desk = Desk(knows=[B])  # knows somebody, not A: the handshake with A's certificate fails

    async def story() -> Call:
        async with listening(B, desk) as listener:
            call = calling(A, B, listener.port)
            await deliver(call, work())
            return call

    assert run(story()).as_stranger
    assert desk.taken[0][1].org is None


@pytest.mark.parametrize(
    "kind", ["other organisation", "same name, other authority", "a post's certificate", "expired"]
)
def test_a06_a15_the_wrong_certificate_on_the_line(kind: str) -> None:
    """Whatever an address leads to: not a word of a message before the certificate is the right one's."""
    desk = Desk(knows=[A])
    impostor = {"other organisation": A, "same name, other authority": Side("un.example")}.get(
        kind, Side("un.example")
    )
    if kind in ("a post's certificate", "expired"):
        impostor.authority_key, impostor.certificate, impostor.authority = (
            B.authority_key,
            B.certificate,
            B.authority,
        )
        use, when = (Use.SYSTEM, NOW) if kind != "expired" else (Use.LINE, NOW - timedelta(days=900))
        name = {"name": "line"} if use is Use.LINE else {"post": trust.Post("un.example", "GENEVA")}
        impostor.line = trust.issue(
            B.authority_key, B.certificate, use=use, public_key=impostor.key.public_key(), now=when, **name
        )

    async def story() -> None:
        async with listening(impostor, desk) as listener:
            with pytest.raises(CableroomError):
                await deliver(calling(A, B, listener.port), work())
            call = Call("127.0.0.1", listener.port, "there.example", lambda certificate: None, A.contexts())
            if kind != "a post's certificate":
                assert isinstance((await deliver(call, work()))[0], Taken), (
                    "the case is real: it passes unjudged"
                )

    run(story())
    assert len(desk.taken) == (kind != "a post's certificate")


class Fake:
    """A server that says what it is told, whatever it hears; keeps what it heard."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.heard = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in self.answers:
            writer.write(answer)
            await writer.drain()
            data = await reader.read(65536)
            self.heard += data
            if not data:
                break
        writer.close()


async def call_fake(fake: Fake) -> CableroomError:
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(CableroomError) as caught:
            await deliver(calling(A, B, port, times=CallTimes(connect=2, answer=0.5, message=2)), work())
        return caught.value
    finally:
        server.close()


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([b"220 x\r\n", b"250-x\r\n250 SIZE 100\r\n"], "no-tls"),
        ([b"220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n250 injected\r\n"], "spoke-out-of-turn"),
        ([b"220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", b"454 4.7.0 no\r\n"], "try-later"),
        ([b"220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n", b"250 no TLS at all\r\n"], "tls"),
        ([b"220 x\r\n"], "line-ended"),
        ([b"554 go away\r\n"], "permanent"),
        ([b"\x16\x03\x01"], "too-slow"),
    ],
)
def test_a05_a06_nothing_is_said_in_clear(answers: list[bytes], code: str) -> None:
    fake = Fake(*answers)
    error = run(call_fake(fake))
    assert error.code == code
    assert b"MAIL" not in fake.heard and b"Subject" not in fake.heard


def test_nobody_listens() -> None:
    async def story() -> None:
        with pytest.raises(TryLater) as caught:
            await deliver(calling(A, B, 1), work())
        assert caught.value.code == "no-connection"

    run(story())


def test_a_line_under_tls_needs_a_judge() -> None:
    with pytest.raises(ProtocolError):
        Call("127.0.0.1", 1, "x.example", None, A.contexts())


# ---- raw sockets against the listener


def raw(port: int, *, timeout: float = 5) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    assert sock.recv(1000).startswith(b"220 ")
    return sock


def until_closed(sock: socket.socket) -> bytes:
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except (TimeoutError, ConnectionError):
        pass
    return data


def with_listener(desk: Desk, hit, **options) -> object:  # type: ignore[no-untyped-def]
    async def story() -> object:
        async with listening(B, desk, **options) as listener:
            return await asyncio.to_thread(hit, listener)

    return run(story())


def test_in_clear_nothing_is_taken() -> None:
    desk = Desk()

    def hit(listener: Listener) -> None:
        sock = raw(listener.port)
        sock.sendall(b"EHLO a.example\r\n")
        assert b"STARTTLS" in sock.recv(1000)
        sock.sendall(b"MAIL FROM:<a@b.example>\r\n")
        assert sock.recv(1000).startswith(b"530 5.7.0")
        sock.close()

    with_listener(desk, hit)
    assert desk.taken == []


def test_a04_injected_commands_close_the_line() -> None:
    def hit(listener: Listener) -> None:
        sock = raw(listener.port)
        sock.sendall(b"EHLO a.example\r\n")
        sock.recv(1000)
        sock.sendall(b"STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n")
        assert until_closed(sock).startswith(b"554 5.5.0")

    with_listener(Desk(), hit)


def test_a04_octets_sent_before_the_handshake_are_only_a_handshake() -> None:
    """Commands that come after our 220 and before TLS break the handshake, and are never commands."""
    desk = Desk()

    def hit(listener: Listener) -> None:
        sock = raw(listener.port)
        sock.sendall(b"EHLO a.example\r\n")
        sock.recv(1000)
        sock.sendall(b"STARTTLS\r\n")
        assert sock.recv(1000).startswith(b"220")
        sock.sendall(b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<x@un.example>\r\nDATA\r\n")
        assert b"250" not in until_closed(sock)

    with_listener(desk, hit)
    assert desk.taken == []


def test_relay_on_the_same_machine_may_come_in_clear_but_is_a_stranger() -> None:
    desk = Desk()

    async def story() -> None:
        async with listening(B, desk, need_tls=False) as listener:
            call = Call("127.0.0.1", listener.port, "relay.example", None, None)
            assert isinstance((await deliver(call, work(priority=4)))[0], Taken)

    run(story())
    assert (desk.taken[0][1].known, desk.taken[0][2]) == (False, 0)


def test_refusals_reach_the_caller() -> None:
    desk = Desk(knows=[A], answer=lambda message, peer: reply(550, "5.7.1", "no"))

    async def story() -> list[Taken | Declined]:
        async with listening(B, desk) as listener:
            return await deliver(calling(A, B, listener.port), work(), work())

    answers = run(story())
    assert all(isinstance(answer, Declined) and answer.final for answer in answers)


def test_an_error_at_the_desk_is_451_and_not_a_word_more() -> None:
    def broken(message: object, peer: Peer) -> object:
        raise Permanent("the secret is 42")

    desk = Desk(knows=[A], answer=broken)  # type: ignore[arg-type]

    async def story() -> Taken | Declined:
        async with listening(B, desk) as listener:
            return (await deliver(calling(A, B, listener.port), work()))[0]

    answer = run(story())
    assert isinstance(answer, Declined) and answer.reply.code == 451 and "42" not in str(answer.reply)


def test_a16_strangers_hear_a_refusal_at_the_same_moment() -> None:
    """Whatever it took us to find out: the answer comes at a multiple of half a second."""
    seconds = []
    for cost in (0.0, 0.05, 0.2):
        desk = Desk(
            answer=lambda message, peer, cost=cost: (
                time.sleep(cost),
                reply(451, "4.7.1", "Not accepted now"),
            )[1]
        )

        async def story(desk: Desk = desk) -> float:
            async with listening(B, desk, times=Times(answer=0.5)) as listener:
                call = calling(A, B, listener.port)
                await call.open()
                began = time.monotonic()
                await call.send(work())
                spent = time.monotonic() - began
                await call.close()
                return spent

        seconds.append(run(story()))
    assert all(0.5 <= spent < 0.65 for spent in seconds), seconds


def test_f30_a_caller_that_sends_an_octet_now_and_then_is_cut_off() -> None:
    def hit(listener: Listener) -> tuple[bytes, float]:
        sock = raw(listener.port)
        began = time.monotonic()
        data = b""
        sock.settimeout(0.05)
        try:
            while time.monotonic() - began < 5:
                sock.sendall(b"N")
                try:
                    piece = sock.recv(1000)
                except TimeoutError:
                    continue
                if not piece:
                    break
                data += piece
        except ConnectionError:
            pass
        return data, time.monotonic() - began

    data, spent = with_listener(Desk(), hit, times=Times(stranger=0.3, session=1.0))  # type: ignore[misc]
    assert data.startswith(b"421 4.4.2") and 0.9 < spent < 2


def test_f30_a_peer_that_goes_silent_after_data() -> None:
    """Ours to call: the message is not taken, and we do not wait for ever."""

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (b"220 x\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
            writer.write(answer)
            await reader.read(65536)
        await asyncio.sleep(5)

    async def story() -> None:
        server = await asyncio.start_server(deaf, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        call = Call("127.0.0.1", port, "x.example", None, None, times=CallTimes(message=0.5))
        began = time.monotonic()
        with pytest.raises(TryLater) as caught:
            await deliver(call, work())
        assert caught.value.code == "too-slow" and time.monotonic() - began < 2
        server.close()

    run(story())


def test_a09_a_flood_of_strangers_does_not_shut_out_a_known_post() -> None:
    desk = Desk(knows=[A])

    async def story() -> float:
        async with listening(B, desk, strangers=50) as listener:
            flood = []
            for _ in range(300):
                sock = socket.socket()
                sock.setblocking(False)
                await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", listener.port))
                flood.append(sock)
            began = time.monotonic()
            await deliver(calling(A, B, listener.port), work(priority=4))
            spent = time.monotonic() - began
            for sock in flood:
                sock.close()
            return spent

    assert run(story()) < 1
    assert len(desk.taken) == 1


def test_known_installations_have_their_bound_too() -> None:
    desk = Desk(knows=[A])

    async def story() -> None:
        async with listening(B, desk, known_peers=2) as listener:
            calls = [calling(A, B, listener.port) for _ in range(3)]
            for call in calls[:2]:
                await call.open()
            with pytest.raises(TryLater):
                await calls[2].open()
            for call in calls[:2]:
                assert isinstance(await call.send(work()), Taken)
                await call.close()

    run(story())


def test_strangers_together_have_bounded_memory() -> None:
    async def story() -> bytes:
        async with listening(
            B, Desk(), need_tls=False, memory=200_000, limits=Limits(message=10**6)
        ) as listener:
            socks = [await asyncio.to_thread(raw, listener.port) for _ in range(3)]

            def pour(sock: socket.socket) -> bytes:
                said = b""
                for line in (
                    b"EHLO a.example\r\n",
                    b"MAIL FROM:<a@b.example>\r\n",
                    b"RCPT TO:<c@un.example>\r\n",
                    b"DATA\r\n",
                ):
                    sock.sendall(line)
                    said += sock.recv(1000)
                try:
                    for _ in range(100):
                        sock.sendall(b"x" * 998 + b"\r\n")
                except ConnectionError:
                    pass
                sock.settimeout(0.5)
                return said + until_closed(sock)

            return b"".join(await asyncio.gather(*(asyncio.to_thread(pour, sock) for sock in socks)))

    assert b"452 4.3.1" in run(story())


def test_the_address_is_taken() -> None:
    async def story() -> None:
        async with listening(B, Desk()) as listener:
            second = Listener("127.0.0.1", listener.port, "x.example", lambda: ssl.SSLContext(), Desk())
            with pytest.raises(TryLater) as caught:
                await second.start()
            assert caught.value.code == "listen"

    run(story())


def test_a_missing_line_key_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        lines.client_context(tmp_path / "line.pem")
    assert caught.value.code == "no-line-key"
