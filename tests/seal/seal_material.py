"""Keys, certificates and signed things that the tests of the seal share. All are made here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec

from cableroom.cable.address import Post
from cableroom.seal import keys, trust
from cableroom.seal.trust import Authority, Use

NOW = datetime(2026, 10, 27, 18, 40, tzinfo=UTC)
ORG = "mfa.example"
CAPITAL = Post(ORG, "CAPITAL")
HAVANA = Post(ORG, "HAVANA")


@dataclass(frozen=True)
class House:
    """An authority and what it has issued to one post: (key, certificate) by use."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes
    crl: bytes
    org: str = ORG

    @property
    def authority(self) -> Authority:
        return Authority(self.org, self.certificate, self.crl)

    def give(self, use: Use, post: Post = CAPITAL, *, now: datetime = NOW):
        key = keys.new_signing_key()
        issued = trust.issue(
            self.key, self.certificate, post=post, use=use, public_key=key.public_key(), now=now
        )
        return key, issued


def make_house(org: str = ORG, *, now: datetime = NOW) -> House:
    key = keys.new_signing_key()
    certificate = trust.make_authority(org, key, now=now)
    return House(key, certificate, trust.make_crl(key, certificate, [], now=now), org)
