"""A small good message and what a lax reader makes of one, for the tests of the MIME reader."""

from __future__ import annotations

import email
import email.policy

HEAD: dict[str, object] = {
    "dtg": "2026-10-27T18:40:00Z",
    "subject": "Grain for the coast",
    "language": "en",
    "expires": None,
    "reply_by": None,
    "precedence_action": "IMMEDIATE",
    "precedence_info": None,
    "exercise": None,
    "tags": ["PREL", "CU"],
    "originator_reference": None,
    "mrn": {"org": "mfa.example", "post": "CAPITAL", "series": None, "serial": 417, "year": 2026},
}
DOCUMENT: dict[str, object] = {"head": HEAD}
TEXT = "SUBJECT: Grain for the coast\n\n1. (S) The ship sails on Monday.\n"
MESSAGE_ID = "<abcdefghijklmnopqrstuvwxyz@mfa.example>"
WRITE = {
    "text": TEXT,
    "data": b'{"v":1}',
    "sender": "capital@mfa.example",
    "to": ["havana@mfa.example", "port-of-spain@mfa.example"],
    "copies": ["new-york@mfa.example"],
    "message_id": MESSAGE_ID,
}


def lax(data: bytes) -> str:
    """What the standard library's reader shows as the text of a message, whatever is wrong with it."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/plain" and part.get_filename() is None:
            payload = part.get_payload(decode=True)
            return (payload or b"").decode("utf-8", "replace")
    return ""
