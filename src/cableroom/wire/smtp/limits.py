"""What one connection may cost before anything of it is believed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one dialogue, in octets or counts.

    `command_line` covers RFC 5321's 512 and what SIZE, BODY, RET, ENVID and MT-PRIORITY (MAIL), NOTIFY and
    ORCPT (RCPT) add. `text_line` is without CRLF (RFC 5321 §4.5.3.1.6). Beyond `message`, octets are counted
    and dropped up to `drained`, so that the caller can still read the refusal.
    """

    command_line: int = 2048
    text_line: int = 998
    message: int = 48 * 1024 * 1024
    drained: int = 96 * 1024 * 1024
    recipients: int = 1
    surplus: int = 1000
    faults: int = 10
    idle_commands: int = 50
    messages: int = 1000
    reply_line: int = 1000
    reply_lines: int = 100

    @property
    def buffer(self) -> int:
        """Most octets that may wait unread: what one read of the shell may bring, and one line."""
        return 65536 + max(self.command_line, self.text_line) + 4
