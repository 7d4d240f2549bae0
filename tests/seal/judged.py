"""A house, a good certificate, and what its judgement is asked for, that tests share."""

from __future__ import annotations

from datetime import timedelta

import weak
from certificate_maker import (
    Paper,
)
from seal_material import CAPITAL, NOW, ORG, make_house

from cableroom.seal import keys
from cableroom.seal.trust import Authority, Use, judge

HOUSE = make_house()
KEY = keys.new_signing_key()
EVE = keys.new_signing_key()
PAPER = Paper(HOUSE.key, KEY.public_key())
DAY = timedelta(days=1)


def verdict(certificate: bytes, **changes):
    wanted = {
        "use": Use.RELEASE,
        "authorities": [HOUSE.authority],
        "at": NOW + DAY,
        "post": CAPITAL,
        **changes,
    }
    return judge(certificate, **wanted)


def codes(result) -> list[str]:
    return [problem.code for problem in result.problems if problem.severity == "error"]


def refused(certificate: bytes, code: str, says: str = "", *, believed: bool = True, **changes) -> None:
    """Refused for one reason alone; a check of the signature alone would have believed it."""
    assert weak.signed_by(certificate, HOUSE.certificate) is believed
    result = verdict(certificate, **changes)
    assert not result.good
    assert codes(result) == [code], result.problems
    assert says in " ".join(problem.message for problem in result.problems)


SERIAL = 0x1234567890


def under(list_: bytes | None, **changes):
    return verdict(PAPER.make(), authorities=[Authority(ORG, HOUSE.certificate, list_)], **changes)
