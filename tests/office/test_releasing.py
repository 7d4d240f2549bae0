from __future__ import annotations

from .conftest import CAPITAL, HAVANA, INSTRUCTION


def test_a_release(office):
    e = office.release(INSTRUCTION)
    print(e)
    office.walk()
    r = office.deliver(e, HAVANA)
    office.receipt(r)
    office.walk()
    print(office.taskings(CAPITAL, e.digest), office.taskings(HAVANA, e.digest))
