"""Commands of SMTP, read strictly and written back (RFC 5321 §4.1; 1870, 3461, 6152, 6710 for parameters).

A line comes in without its CRLF. What cannot be read raises `BadCommand`, which carries the reply to give.
Keywords are read in any case; values are never changed. Left out on purpose: source routes, quoted local
parts, SMTPUTF8 (a post's address needs none of them).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cableroom.errors import ProtocolError
from cableroom.wire.smtp.replies import Reply, reply

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL = r"\[(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\]"
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_MAILBOX = re.compile(rf"({_LOCAL})@({_DOMAIN}|{_LITERAL})")
_HOST = re.compile(rf"{_DOMAIN}|{_LITERAL}")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,63})(?:=([\x21-\x3c\x3e-\x7e]{1,1000}))?")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_PRIORITY = re.compile(r"0|-?[1-9]")

ENVID_LENGTH = 100
ORCPT_LENGTH = 500


class BadCommand(ProtocolError):
    """A command that cannot be obeyed; `reply` says why."""

    def __init__(self, answer: Reply) -> None:
        super().__init__(str(answer))
        self.reply = answer


@dataclass(frozen=True, slots=True)
class Hello:
    host: str
    extended: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """MAIL: `sender` is "" for the null path. `priority` None = no MT-PRIORITY (RFC 6710: means 0)."""

    sender: str
    size: int | None = None
    body: str | None = None
    ret: str | None = None
    envid: str | None = None
    priority: int | None = None

    def encode(self) -> bytes:
        parts = [f"MAIL FROM:<{checked_path(self.sender)}>"]
        if self.size is not None:
            parts.append(f"SIZE={self.size}")
        if self.body is not None:
            parts.append(f"BODY={self.body}")
        if self.ret is not None:
            parts.append(f"RET={self.ret}")
        if self.envid is not None:
            parts.append(f"ENVID={xtext(self.envid)}")
        if self.priority is not None:
            parts.append(f"MT-PRIORITY={self.priority}")
        return _line(parts, parse_mail)


@dataclass(frozen=True, slots=True)
class Recipient:
    """RCPT. `notify` of NEVER, or some of SUCCESS, FAILURE, DELAY; `orcpt` = (address type, address)."""

    address: str
    notify: tuple[str, ...] = ()
    orcpt: tuple[str, str] | None = None

    def encode(self) -> bytes:
        parts = [f"RCPT TO:<{checked_path(self.address)}>"]
        if self.notify:
            parts.append(f"NOTIFY={','.join(self.notify)}")
        if self.orcpt is not None:
            parts.append(f"ORCPT={self.orcpt[0]};{xtext(self.orcpt[1])}")
        return _line(parts, parse_recipient)


@dataclass(frozen=True, slots=True)
class Simple:
    """A command that says all by its name: DATA, RSET, NOOP, QUIT, STARTTLS, VRFY, HELP."""

    verb: str


Command = Hello | Mail | Recipient | Simple

_BARE = {"DATA", "RSET", "QUIT", "STARTTLS"}
_WITH_WORDS = {"NOOP", "VRFY", "HELP"}
_KNOWN_BUT_NOT_OURS = {"EXPN", "BDAT", "AUTH", "ETRN", "TURN", "BURL"}


def parse(line: bytes) -> Command:
    """One command line, without CRLF. Raises BadCommand."""
    if any(octet < 0x20 or octet > 0x7E for octet in line):
        raise BadCommand(reply(500, "5.5.2", "Only printable ASCII stands in a command"))
    text = line.decode("ascii")
    verb, _, rest = text.partition(" ")
    verb = verb.upper()
    if verb in ("EHLO", "HELO"):
        return _hello(rest, extended=verb == "EHLO")
    if verb == "MAIL":
        return parse_mail(text)
    if verb == "RCPT":
        return parse_recipient(text)
    if verb in _BARE:
        if rest.strip(" "):
            raise BadCommand(reply(501, "5.5.4", f"{verb} takes no argument"))
        return Simple(verb)
    if verb in _WITH_WORDS:
        return Simple(verb)
    if verb in _KNOWN_BUT_NOT_OURS:
        raise BadCommand(reply(502, "5.5.1", "Command not offered here"))
    raise BadCommand(reply(500, "5.5.1", "Command unknown"))


def _hello(rest: str, *, extended: bool) -> Hello:
    host = rest.strip(" ")
    if len(host) > 255 or not _HOST.fullmatch(host):
        raise BadCommand(reply(501, "", "Give the name of your host"))
    return Hello(host, extended)


def parse_mail(line: str) -> Mail:
    """`MAIL FROM:<path> parameters`. Raises BadCommand."""
    path, given = _path_and_parameters(line, "MAIL FROM:")
    values = _values(given, _MAIL_PARAMETERS)
    return Mail(
        sender="" if path == "" else _mailbox(path),
        size=_int(values.get("SIZE")),
        body=_text(values.get("BODY")),
        ret=_text(values.get("RET")),
        envid=_text(values.get("ENVID")),
        priority=_int(values.get("MT-PRIORITY")),
    )


def parse_recipient(line: str) -> Recipient:
    """`RCPT TO:<path> parameters`. Raises BadCommand."""
    path, given = _path_and_parameters(line, "RCPT TO:")
    values = _values(given, _RECIPIENT_PARAMETERS)
    notify = values.get("NOTIFY", ())
    orcpt = values.get("ORCPT")
    return Recipient(
        address=_mailbox(path),
        notify=notify if isinstance(notify, tuple) else (),
        orcpt=(str(orcpt[0]), str(orcpt[1])) if isinstance(orcpt, tuple) else None,
    )


def _path_and_parameters(line: str, opening: str) -> tuple[str, list[str]]:
    if line[: len(opening)].upper() != opening:
        raise BadCommand(reply(501, "5.5.4", f"Say {opening}<address>"))
    # a blank after the colon is common and harmless (RFC 5321 §3.3 forbids it to the sender)
    rest = line[len(opening) :].removeprefix(" ").rstrip(" ")
    close = rest.find(">")
    if not rest.startswith("<") or close < 0:
        raise BadCommand(reply(501, "5.1.7" if opening[0] == "M" else "5.1.3", "The address is not in < >"))
    after = rest[close + 1 :]
    if after and not after.startswith(" "):
        raise BadCommand(reply(501, "5.5.4", "A blank parts address and parameters"))
    return rest[1:close], [part for part in after.split(" ") if part]


def _mailbox(path: str) -> str:
    found = _MAILBOX.fullmatch(path)
    if len(path) > 254 or found is None or len(found[1]) > 64 or len(found[2]) > 253:
        raise BadCommand(reply(501, "5.1.3", "The address is not local@domain in plain ASCII"))
    return path


def checked_path(address: str) -> str:
    """`address` if it is "" or a mailbox; raises ProtocolError: what we send is as strict as what we take."""
    return address if address == "" else _mailbox(address)


Value = str | int | tuple[str, ...]
_Reader = Callable[[str], Value]


def _values(given: list[str], known: dict[str, _Reader]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for item in given:
        found = _PARAMETER.fullmatch(item)
        if found is None:
            raise BadCommand(reply(501, "5.5.4", "A parameter is not KEY or KEY=VALUE"))
        key, value = found[1].upper(), found[2]
        if key not in known:
            raise BadCommand(reply(555, "5.5.4", f"Parameter {key} is not known here"))
        if key in values:
            raise BadCommand(reply(501, "5.5.4", f"Parameter {key} stands twice"))
        if value is None:
            raise BadCommand(reply(501, "5.5.4", f"Parameter {key} has no value"))
        values[key] = known[key](value)
    return values


def _size(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,20}", value):
        raise BadCommand(reply(501, "5.5.4", "SIZE is a number of octets"))
    return int(value)


def _one_of(key: str, *allowed: str) -> _Reader:
    def read(value: str) -> str:
        if value.upper() not in allowed:
            raise BadCommand(reply(501, "5.5.4", f"{key} is {' or '.join(allowed)}"))
        return value.upper()

    return read


def _envid(value: str) -> str:
    if len(value) > ENVID_LENGTH:
        raise BadCommand(reply(501, "5.5.4", f"ENVID has at most {ENVID_LENGTH} characters"))
    return _decoded(value, "ENVID")


def _priority(value: str) -> int:
    if not _PRIORITY.fullmatch(value):
        raise BadCommand(reply(501, "5.5.4", "MT-PRIORITY is a number from -9 to 9"))
    return int(value)


def _notify(value: str) -> tuple[str, ...]:
    words = tuple(word.upper() for word in value.split(","))
    known = set(words) <= {"SUCCESS", "FAILURE", "DELAY"} or words == ("NEVER",)
    if not known or len(set(words)) != len(words):
        raise BadCommand(reply(501, "5.5.4", "NOTIFY is NEVER, or some of SUCCESS, FAILURE, DELAY"))
    return words


def _orcpt(value: str) -> tuple[str, str]:
    kind, semicolon, address = value.partition(";")
    if len(value) > ORCPT_LENGTH or not semicolon or not re.fullmatch(r"[A-Za-z0-9-]{1,40}", kind):
        raise BadCommand(reply(501, "5.5.4", "ORCPT is type;address"))
    return kind, _decoded(address, "ORCPT")


_MAIL_PARAMETERS: dict[str, _Reader] = {
    "SIZE": _size,
    "BODY": _one_of("BODY", "7BIT", "8BITMIME"),
    "RET": _one_of("RET", "FULL", "HDRS"),
    "ENVID": _envid,
    "MT-PRIORITY": _priority,
}
_RECIPIENT_PARAMETERS: dict[str, _Reader] = {"NOTIFY": _notify, "ORCPT": _orcpt}


def xtext(text: str) -> str:
    """`text` (printable ASCII) as xtext, RFC 3461 §4. Raises ProtocolError on anything else."""
    if any(not " " <= sign <= "~" for sign in text):
        raise ProtocolError("Only printable ASCII can be written as xtext.")
    return "".join(f"+{ord(sign):02X}" if sign in " +=" else sign for sign in text)


def read_xtext(value: str) -> str:
    """Strict: every `+` opens two capital hexadecimal digits, and only printable ASCII comes out."""
    if not _XTEXT.fullmatch(value):
        raise ProtocolError("That is no xtext.")
    text = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), value)
    if any(not " " <= sign <= "~" for sign in text):
        raise ProtocolError("The xtext holds something else than printable ASCII.")
    return text


def _decoded(value: str, key: str) -> str:
    try:
        return read_xtext(value)
    except ProtocolError:
        raise BadCommand(reply(501, "5.5.4", f"{key} is not proper xtext")) from None


def _int(value: Value | None) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None


def _line(parts: list[str], read: Callable[[str], Mail | Recipient]) -> bytes:
    """The command as octets, after reading it again: nothing leaves that we should refuse ourselves."""
    text = " ".join(parts)
    read(text)
    return text.encode("ascii") + b"\r\n"
