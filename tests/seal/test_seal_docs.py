"""The pages of the seal name every code, and the object identifiers and limits that hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cableroom.seal import attributes, certificates, der, oids, recipients, revocation
from cableroom.seal.trust import Use
from cableroom.seal.uses import ARC

ROOT = Path(__file__).parent.parent.parent
SEAL = (ROOT / "docs" / "reference" / "seal.md").read_text("utf-8")
CERTIFICATES = (ROOT / "docs" / "reference" / "certificates.md").read_text("utf-8")
ROOM = ROOT / "src" / "cableroom" / "seal"
MODULES = [
    "algorithms",
    "asn1",
    "attributes",
    "certificates",
    "der",
    "envelope",
    "issuing",
    "jws",
    "keys",
    "receipts",
    "recipients",
    "revocation",
    "signing",
    "trust",
]


def _codes(module: str) -> set[str]:
    text = (ROOM / f"{module}.py").read_text("utf-8")
    named = re.findall(r'code="([a-z-]+)"', text)
    problems = re.findall(r'(?:_problem|_warning|Problem)\(\s*"([a-z-]+)"', text)
    return set(named) | set(problems)


@pytest.mark.parametrize("module", MODULES)
def test_every_code_is_in_a_page(module: str) -> None:
    missing = [code for code in _codes(module) if f"`{code}`" not in SEAL + CERTIFICATES]
    assert not missing


def test_codes_are_found_at_all() -> None:
    assert {"not-der"} <= _codes("der")
    assert {"unknown-authority", "crl-stale"} <= _codes("trust")
    assert {"other-cable", "no-receipt-request"} <= _codes("receipts")


@pytest.mark.parametrize("prefix", ["", "authority-"])
@pytest.mark.parametrize("code", ["expired", "not-yet-valid"])
def test_codes_made_of_two_parts_are_in_a_page(prefix: str, code: str) -> None:
    assert f"`{prefix}{code}`" in CERTIFICATES


WRITTEN = [
    name
    for name in dir(oids)
    if name.startswith(("ID_AES", "ID_SHA", "ID_AA", "ECDSA", "STD_DH", "ID_CT", "ID_S"))
]


@pytest.mark.parametrize("name", WRITTEN)
def test_every_identifier_that_is_written_is_in_the_page(name: str) -> None:
    assert getattr(oids, name).dotted_string in SEAL


def test_policies_and_limits_are_those_of_the_pages() -> None:
    assert ARC in CERTIFICATES
    for number, use in enumerate(Use, start=1):
        assert use.policy.dotted_string == f"{ARC}.{number}"
        assert f"| `{use.name.lower()}` | .{number} |" in CERTIFICATES
    for limit in (
        der.MAX_DEPTH,
        der.MAX_ARCS,
        attributes.MAX_ATTRIBUTES,
        recipients.MAX_UKM,
        recipients.MAX_RECIPIENTS,
    ):
        assert re.search(rf"\b{limit}\b", SEAL)
    assert f"{der.MAX_ELEMENTS:,}" in SEAL
    assert f"{revocation.MAX_ELEMENTS:,}" in SEAL
    assert f"{certificates.MAX_BYTES // 1024} KiB" in CERTIFICATES
    assert f"{revocation.MAX_BYTES // (1024 * 1024)} MiB" in CERTIFICATES
