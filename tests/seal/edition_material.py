"""A cable of our own to cut editions from, and a workshop for editions that no honest signer makes."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from seal_material import House, make_house

from cableroom.cable.canonical import b64u, encode, unb64u
from cableroom.seal import jws
from cableroom.seal.disclosure import Derived, derive, edition
from cableroom.seal.trust import Use

SEED = bytes(range(32))


def paragraph(n: int, *texts: str, mark: str | None = "S") -> dict[str, Any]:
    return {
        "mark": mark,
        "meta": {"fields": None, "kind": "text", "texts": None},
        "n": n,
        "names": None,
        "no": None,
        "segments": [{"q": None, "t": text} for text in texts],
    }


def addressee(post: str) -> dict[str, Any]:
    return {"members": None, "niact": None, "org": None, "post": post, "precedence": None, "role": None}


def instruction(n: int, no: int, act: str, text: str, **names: str) -> dict[str, Any]:
    return {
        "mark": "S",
        "meta": {
            "fields": {"act": act, "by": None, "manner": None, "posts": None, "urgent": None},
            "kind": "instruction",
            "texts": None,
        },
        "n": n,
        "names": {"authority": None, "target": None, "what": None, **names},
        "no": no,
        "segments": [{"q": None, "t": text}],
    }


HEAD: dict[str, Any] = {
    **dict.fromkeys(
        [
            "captions",
            "categories",
            "cleared_by",
            "concerns",
            "concerns_mrn",
            "declassify_on",
            "drafted_by",
            "exercise",
            "expires",
            "handling",
            "info",
            "language",
            "on_behalf_of",
            "originator_reference",
            "precedence_info",
            "reply_by",
            "report_by",
            "signed_as",
            "tags",
            "xmt",
        ]
    ),
    "classification": "SECRET",
    "dtg": "2026-10-27T18:40:00Z",
    "from": {"org": "mfa.example", "post": "CAPITAL"},
    "kind": "cable",
    "mrn": {"org": "mfa.example", "post": "CAPITAL", "serial": 417, "series": None, "year": 2026},
    "policy": {"id": "mfa.example/labels", "version": 1},
    "precedence_action": "IMMEDIATE",
    "released_by": {"name": "C. Example", "role": "MINISTER"},
    "subject": "Grain for the coast",
    "to": [addressee("HAVANA")],
}
DOCUMENT: dict[str, Any] = {
    "files": [
        {"bytes": 3, "mark": None, "media_type": "text/plain", "n": n, "name": f"{n}.txt", "sha256": "0" * 64}
        for n in (1, 2)
    ],
    "head": HEAD,
    "paras": [
        paragraph(1, "The ship sails on Monday. ", "It carries grain. ", "It does not carry arms."),
        instruction(2, 1, "inform", "of this.", target="PAVLOV"),
        paragraph(3, "Nothing else."),
        instruction(4, 2, "report", "what he says."),
        paragraph(5, "End."),
    ],
    "refs": [
        {"cited": f"Note {letter}", "digest": None, "kind": "free", "letter": letter} for letter in "ABC"
    ],
}

HOUSE: House = make_house()
KEY, CERTIFICATE = HOUSE.give(Use.RELEASE)


def derived(document: dict[str, Any] = DOCUMENT, seed: bytes = SEED) -> Derived:
    return derive(document, seed, hashlib.sha256(CERTIFICATE).digest())


def cut(*withhold: str, document: dict[str, Any] = DOCUMENT, reveal: tuple[str, ...] = ()) -> bytes:
    """An honest edition, signed by the release key of CAPITAL."""
    made = derived(document)
    signature = jws.sign_input(KEY, made.signing_input)
    return edition(made, signature, withhold=withhold, reveal=reveal, certificates=[CERTIFICATE])


def parsed(file: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(file)
    return value


def payload_of(file: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(unb64u(parsed(file)["payload"]))
    return value


def disclosure(salt: bytes, name: Any, value: Any) -> str:
    return b64u(encode([b64u(salt), name, value]))


def digest(encoded: str) -> str:
    return b64u(hashlib.sha256(encoded.encode()).digest())


@dataclass
class Workshop:
    """Takes an honest edition apart, lets a test change anything, and signs the result anew.

    For what only a signer could do; `resign` False leaves the old signature, as a thief must.
    """

    header: dict[str, Any] = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)
    disclosures: list[str] = field(default_factory=list)
    outer: dict[str, Any] = field(default_factory=dict)
    unprotected: dict[str, Any] = field(default_factory=dict)
    signature: bytes = b""
    resign: bool = True
    key: ec.EllipticCurvePrivateKey = KEY

    @classmethod
    def of(cls, file: bytes, *, resign: bool = True) -> Workshop:
        whole = parsed(file)
        return cls(
            header=json.loads(unb64u(whole["protected"])),
            payload=json.loads(unb64u(whole["payload"])),
            disclosures=list(whole["header"]["disclosures"]),
            unprotected={"x5c": whole["header"]["x5c"]},
            signature=unb64u(whole["signature"]),
            resign=resign,
        )

    def opened(self) -> list[list[Any]]:
        return [json.loads(unb64u(text)) for text in self.disclosures]

    def index(self, name: str, count: int = 0) -> int:
        """The place of the count-th disclosure with that name."""
        return [place for place, parts in enumerate(self.opened()) if parts[1] == name][count]

    def replace(self, index: int, encoded: str) -> None:
        """Put another disclosure in place of one, and its digest in place of the old one's, up to the payload."""
        old, new = digest(self.disclosures[index]), digest(encoded)
        self.disclosures[index] = encoded
        self._exchange(old, new)

    def change(self, name: str, value: Any, count: int = 0, *, new_name: Any = None) -> None:
        index = self.index(name, count)
        salt, _, _ = self.opened()[index]
        self.replace(index, b64u(encode([salt, name if new_name is None else new_name, value])))

    def _exchange(self, old: str, new: str) -> None:
        for member in ("head", "refs", "files", "body"):
            listed = self.payload[member]["_sd"]
            if old in listed:
                self.payload[member]["_sd"] = sorted(new if each == old else each for each in listed)
                return
        for index, (salt, name, value) in enumerate(self.opened()):
            if isinstance(value, dict) and old in value.get("_sd", ()):
                changed = {"_sd": sorted(new if each == old else each for each in value["_sd"])}
                self.replace(index, b64u(encode([salt, name, changed])))
                return
        raise AssertionError("that digest stands nowhere")

    def file(self) -> bytes:
        protected, body = b64u(encode(self.header)), b64u(encode(self.payload))
        signature = self.signature
        if self.resign:
            signature = jws.sign_input(self.key, f"{protected}.{body}".encode())
        return encode(
            {
                "header": {"disclosures": self.disclosures, **self.unprotected},
                "payload": body,
                "protected": protected,
                "signature": b64u(signature),
                **self.outer,
            }
        )

    def compact(self) -> str:
        """The same in the compact form, for libraries that read only that."""
        whole = parsed(self.file())
        parts = [f"{whole['protected']}.{whole['payload']}.{whole['signature']}", *self.disclosures]
        return "~".join(parts) + "~"


def x5c(certificate: bytes) -> list[str]:
    return [b64encode(certificate).decode()]


def copy(value: Any) -> Any:
    return deepcopy(value)
