from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
import weak
from certificate_maker import (
    CA,
    LEAF,
    LEGACY,
    key_usage,
    named,
    policies,
)
from cms_maker import (
    utc_time,
)
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import DAY, EVE, HOUSE, KEY, PAPER, codes, refused, verdict
from seal_material import CAPITAL, HAVANA, NOW, ORG, make_house

from cableroom.seal import certificates, keys, trust
from cableroom.seal.trust import Authority, Use

# ── A29: whose signature, when ───────────────────────────────────────────────────────────────


def test_a29_a_self_signed_certificate_is_refused() -> None:
    paper = PAPER.but(signer=KEY, issuer=named(ORG, "CAPITAL"))
    refused(paper.make(), "unknown-authority", believed=False)


def test_a29_an_authority_of_the_same_name_with_another_key_is_unknown() -> None:
    fake = make_house()
    issued = fake.give(Use.RELEASE)[1]
    assert weak.signed_by(issued, fake.certificate)
    refused(issued, "unknown-authority", believed=False)
    # two confirmed authorities of one name are told apart by their keys
    assert verdict(issued, authorities=[HOUSE.authority, fake.authority]).authority == trust.authority_id(
        fake.certificate
    )


def test_a29_a_leaf_does_not_issue() -> None:
    issued = PAPER.but(signer=KEY, key=EVE.public_key(), issuer=named(ORG, "CAPITAL")).make()
    leaf = PAPER.make()
    assert weak.signed_by(issued, leaf)
    refused(issued, "unknown-authority", believed=False, authorities=[HOUSE.authority])
    # not even if somebody takes the leaf for an authority
    result = verdict(issued, authorities=[Authority(ORG, leaf), HOUSE.authority])
    assert codes(result) == ["unknown-authority"]
    assert [p.code for p in result.problems if p.severity == "warning"] == ["bad-authority"]


def test_a29_times_are_judged_at_the_time_given() -> None:
    good = PAPER.make()
    start, end = NOW, NOW + timedelta(days=730)
    assert verdict(good, at=start).good
    assert verdict(good, at=end).good
    refused(good, "not-yet-valid", at=start - timedelta(seconds=1))
    refused(good, "expired", at=end + timedelta(seconds=1))


def test_a29_the_authority_ends_too() -> None:
    late = NOW + timedelta(days=7400)
    paper = PAPER.but(not_before=utc_time(NOW + timedelta(days=7000)), not_after=utc_time(late + DAY))
    refused(paper.make(), "authority-expired", at=late)
    before = NOW - timedelta(days=30)
    refused(PAPER.but(not_before=utc_time(before)).make(), "authority-not-yet-valid", at=before)


def test_no_authority_no_trust() -> None:
    result = verdict(PAPER.make(), authorities=[])
    assert codes(result) == ["unknown-authority"]
    assert "card" in result.problems[0].hint


# ── A30: names ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "common",
    [
        "CAPITAL\r\nVERIFIED",
        "CAPITAL\n",
        "\x1b[32mCAPITAL",
        "CAPITAL\0",
        "\u202eLATIPAC",
        "CAPITAL\u2028",
        "CАPITAL",
        "",
    ],
)
def test_a30_a_name_with_control_characters_is_refused_and_shown_escaped(common: str) -> None:
    result = verdict(PAPER.but(subject=named(ORG, common)).make(), post=None)
    assert codes(result) == ["bad-name"]
    assert result.post is None
    for line in (*result.path, *(problem.message for problem in result.problems)):
        assert line.isascii()
        assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("CAPITAL", "CAPITAL"),
        (" a ", "\\ a\\ "),
        ("#a", "\\#a"),
        ('a,b+c"d\\e<f>g;h=i', 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i'),
        ("a\nb", "a\\0Ab"),
        ("ä", "\\C3\\A4"),
        ("\x7f", "\\7F"),
    ],
)
def test_a30_names_are_escaped_as_rfc_4514_says(text: str, escaped: str) -> None:
    assert certificates.escape_name(text) == escaped


@given(st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_a30_no_name_leaves_its_line(text: str) -> None:
    escaped = certificates.escape_name(text)
    assert escaped.isascii()
    assert escaped.isprintable()


# ── A68: chains ──────────────────────────────────────────────────────────────────────────────


def test_a68_a_path_has_two_certificates_and_no_more() -> None:
    between = keys.new_signing_key()
    middle = PAPER.but(
        key=between.public_key(), subject=named(ORG, "authority"), extensions=(CA, key_usage(5, 6))
    ).make()
    issued = PAPER.but(signer=between).make()
    assert weak.signed_by(middle, HOUSE.certificate)
    assert weak.signed_by(issued, middle)
    refused(issued, "unknown-authority", believed=False)


def test_a68_many_authorities_cost_little() -> None:
    others = [make_house().authority for _ in range(200)]
    assert verdict(PAPER.make(), authorities=[*others, HOUSE.authority]).good


# ── A70: keys used for what they are not ─────────────────────────────────────────────────────


@pytest.mark.parametrize(("made_for", "used_for"), list(itertools.permutations(Use, 2)), ids=str)
def test_a70_each_key_has_its_own_use(made_for: Use, used_for: Use) -> None:
    key = rsa.generate_private_key(65537, 3072).public_key() if made_for is Use.LEGACY else KEY.public_key()
    owner = {"name": "node-1"} if made_for is Use.LINE else {"post": CAPITAL}
    issued = trust.issue(HOUSE.key, HOUSE.certificate, use=made_for, public_key=key, now=NOW, **owner)
    assert weak.signed_by(issued, HOUSE.certificate)
    result = verdict(issued, use=used_for, post=None)
    assert not result.good
    assert "wrong-use" in codes(result)
    assert made_for.says in result.problems[0].message


def test_a70_a_key_is_of_the_kind_of_its_use() -> None:
    rsa_info = (
        rsa.generate_private_key(65537, 3072)
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    refused(PAPER.but(key_info=rsa_info).make(), "wrong-use", "The key in this certificate")
    legacy = PAPER.but(extensions=(LEAF, key_usage(2), policies(LEGACY))).make()
    refused(legacy, "wrong-use", "The key in this certificate", use=Use.LEGACY)


def test_a70_the_authority_itself_signs_nothing_else() -> None:
    for use in Use:
        assert "wrong-use" in codes(verdict(HOUSE.certificate, use=use, post=None))


def test_a70_a_post_is_told_from_every_other() -> None:
    _, issued = HOUSE.give(Use.RELEASE, HAVANA)
    refused(issued, "wrong-post", "mfa.example/HAVANA, not of mfa.example/CAPITAL")


# ── every byte ───────────────────────────────────────────────────────────────────────────────


def test_every_changed_bit_of_a_certificate_is_noticed() -> None:
    good = HOUSE.give(Use.RELEASE)[1]
    for place in range(len(good)):
        changed = bytearray(good)
        changed[place] ^= 1 << (place % 8)
        assert not verdict(bytes(changed)).good, place
