"""Two posts of one installation: route `local`, the same envelope, the same receipt."""

from __future__ import annotations

from typing import Any

import pytest
from correspondent import draft, entries, kinds, release

from cableroom.register import following
from cableroom.wire import outbox
from cableroom.wire.models import Dispatch
from cableroom.wire.schedule import LegState

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_release_to_receipt(capital: Any, havana: Any, clock: Any) -> None:
    digest = release(capital, draft("CAPITAL", "HAVANA", precedence="FLASH"), clock.now)
    assert [leg.state for leg in outbox.legs(str(capital), digest, now=clock.now)] == [LegState.WAITING]
    drained = following.drain()
    assert not drained.failures, drained.failures
    assert kinds(capital) == ["Released", "HandedOver", "Receipted"]
    assert kinds(havana) == ["Received", "Receipted"]
    [leg] = outbox.legs(str(capital), digest, now=clock.now)
    assert (leg.state, leg.receipt_entry, leg.route, leg.channel) == (LegState.RECEIPTED, 0, "local", 1)
    ours, theirs = entries(capital, "Receipted"), entries(havana, "Receipted")
    assert ours[0].data["side"] == "sender" and theirs[0].data["side"] == "receiver"
    assert (ours[0].data["entry"], ours[0].data["received"]) == (
        theirs[0].data["entry"],
        theirs[0].data["received"],
    )
    assert Dispatch.objects.filter(closed=False).count() == 0
    assert following.drain().done == 0
