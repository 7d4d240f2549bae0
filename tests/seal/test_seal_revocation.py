from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from certificate_maker import (
    crl,
    extension,
    named,
    revoked,
)
from cms_maker import (
    ECDSA_SHA256,
    ECDSA_SHA512,
    NULL,
    algorithm,
    integer,
    seq,
)
from cryptography import x509
from judged import DAY, EVE, HOUSE, KEY, PAPER, SERIAL, codes, under, verdict
from seal_material import NOW, ORG, make_house

from cableroom.seal import revocation, trust
from cableroom.seal.signing import sign, verify
from cableroom.seal.trust import Authority, Use, judge


def test_a69_a_revoked_certificate_is_refused_from_that_time_on() -> None:
    list_ = crl(HOUSE.key, revoked(SERIAL, NOW + 10 * DAY), revoked(7, NOW))
    before, on_it = under(list_, at=NOW + 9 * DAY), under(list_, at=NOW + 10 * DAY)
    assert before.good
    assert [(p.code, p.severity) for p in before.problems] == [("revoked-later", "warning")]
    assert codes(on_it) == ["revoked"]
    assert under(crl(HOUSE.key, revoked(7, NOW))).problems == ()


def test_a69_what_is_made_here_is_read_here() -> None:
    made = trust.make_crl(HOUSE.key, HOUSE.certificate, [(SERIAL, NOW), (5, NOW)], now=NOW)
    assert codes(under(made)) == ["revoked"]
    parsed = x509.load_der_x509_crl(made)
    assert {entry.serial_number for entry in parsed} == {SERIAL, 5}
    later = x509.load_der_x509_crl(trust.make_crl(HOUSE.key, HOUSE.certificate, [], now=NOW + DAY))
    numbers = [
        one.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for one in (parsed, later)
    ]
    assert numbers[0] < numbers[1]


def test_a69_a_missing_or_old_list_is_never_silently_good() -> None:
    for list_, code in ((None, "crl-missing"), (crl(HOUSE.key, following=NOW), "crl-stale")):
        lenient, strict = under(list_), under(list_, without_crl="error")
        assert [(p.code, p.severity) for p in lenient.problems] == [(code, "warning")]
        assert lenient.good
        assert (codes(strict), strict.good) == ([code], False)


def test_a69_a_list_holds_to_its_last_second() -> None:
    list_ = crl(HOUSE.key, following=NOW + DAY)
    assert under(list_, at=NOW + DAY).problems == ()
    late = under(list_, at=NOW + DAY + timedelta(seconds=1))
    assert [problem.code for problem in late.problems] == ["crl-stale"]


def test_a69_an_old_list_still_revokes() -> None:
    assert codes(under(crl(HOUSE.key, revoked(SERIAL, NOW), following=NOW))) == ["revoked"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"issuer": named("un.example", "authority")}, "another issuer"),
        ({"signer": EVE}, "not signed by the authority"),
        ({"number": None}, "has no number"),
        ({"number": -1}, "number that is negative"),
        ({"number": 2**160}, "longer than 20 bytes"),
        ({"version": None}, "not of version 2"),
        ({"version": 2}, "not of version 2"),
        ({"following": None}, "when the next one comes"),
        ({"extensions": (extension("2.5.29.27", integer(1), critical=True),)}, "deltaCRLIndicator"),
        ({"extensions": (extension("2.5.29.28", seq(), critical=True),)}, "issuingDistributionPoint"),
        ({"extensions": (extension("2.5.29.20", integer(2)),)}, "cRLNumber twice"),
        ({"scheme": algorithm(ECDSA_SHA512)}, "ECDSA with SHA-512"),
        ({"scheme": algorithm(ECDSA_SHA256, NULL)}, "gives parameters"),
        ({"signature": b"x"}, "cut off"),
    ],
)
def test_a69_a_list_of_another_form_or_issuer_is_refused(changes: dict, says: str) -> None:
    result = under(crl(**{"signer": HOUSE.key, **changes}))
    assert codes(result) == ["crl-bad"]
    assert says in result.problems[0].message


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ((revoked(SERIAL, NOW), revoked(SERIAL, NOW + DAY)), "twice"),
        ((revoked(7, NOW, extension("2.5.29.29", seq(), critical=True)),), "critical extension"),
    ],
)
def test_a69_entries_of_another_form_are_refused(entries, says: str) -> None:
    result = under(crl(HOUSE.key, *entries))
    assert codes(result) == ["crl-bad"]
    assert says in result.problems[0].message


@pytest.mark.parametrize("number", [0, 2**159 - 1])
def test_a69_the_smallest_and_the_largest_number_are_read(number: int) -> None:
    assert under(crl(HOUSE.key, number=number)).problems == ()
    assert codes(under(crl(HOUSE.key, number=2**159))) == ["crl-bad"]


def test_a69_a_list_is_bounded_in_size() -> None:
    def fat(size: int, number: int = 1) -> bytes:
        return crl(HOUSE.key, number=number, extensions=(extension("1.2.3.4", bytes(size)),))

    about = revocation.MAX_BYTES - len(fat(1 << 20)) + (1 << 20)  # but for signatures, whose length varies
    exact = next(one for number in range(1, 100) if len(one := fat(about, number)) == revocation.MAX_BYTES)
    assert under(exact).problems == ()
    assert codes(under(fat(about + 8))) == ["crl-bad"]


def test_a69_a_list_for_another_installation_of_the_same_name_is_refused() -> None:
    other = make_house()
    assert codes(under(other.crl)) == ["crl-bad"]


def test_signatures_are_of_whole_bytes() -> None:
    for serial in itertools.count(1):  # until one ends in a zero bit, which could pass for an unused one
        paper = PAPER.but(serial=integer(serial))
        if not paper.make()[-1] & 1:
            break
    assert verdict(paper.make()).good
    assert codes(verdict(paper.but(unused=1).make())) == ["bad-certificate"]
    for number in itertools.count(1):
        list_ = crl(HOUSE.key, number=number)
        if not list_[-1] & 1:
            break
    assert under(list_).good
    assert codes(under(crl(HOUSE.key, number=number, unused=1))) == ["crl-bad"]


def test_every_changed_bit_of_a_revocation_list_is_noticed() -> None:
    good = crl(HOUSE.key, revoked(SERIAL, NOW))
    for place in range(len(good)):
        changed = bytearray(good)
        changed[place] ^= 1 << (place % 8)
        assert codes(under(bytes(changed))) == ["crl-bad"], place


def test_a71_a_signature_dated_back_is_judged_at_the_time_when_it_was_seen() -> None:
    # a key stolen and revoked on day 10 signs on day 20, and says that it was day 1
    stated, seen = NOW + DAY, NOW + 20 * DAY
    data = sign(b"words", key=KEY, certificate=PAPER.make(), signing_time=stated)
    authority = Authority(ORG, HOUSE.certificate, crl(HOUSE.key, revoked(SERIAL, NOW + 10 * DAY)))
    claimed = verify(data)
    assert claimed.signing_time == stated
    by_its_word = judge(
        claimed.certificate, use=Use.RELEASE, authorities=[authority], at=claimed.signing_time
    )
    assert by_its_word.good  # so nobody may ask at that time
    as_seen = judge(claimed.certificate, use=Use.RELEASE, authorities=[authority], at=seen)
    assert codes(as_seen) == ["revoked"]
