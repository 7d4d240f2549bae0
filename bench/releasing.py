"""Run in the data folder of a post that is being served: releases cables and waits for their receipts."""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cableroom.settings")

import django

django.setup()

from cableroom.directory import people, posts  # noqa: E402
from cableroom.directory.authentication import authenticate_again  # noqa: E402
from cableroom.office import releasing  # noqa: E402
from cableroom.register import ledger  # noqa: E402
from cableroom.register.models import EntryRow  # noqa: E402


def main() -> None:
    count, name, role = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    given = json.load(sys.stdin)
    person, register = people.find(name), str(posts.own_posts()[0])
    authentication = authenticate_again(person, given["passphrase"], now=ledger.now())

    def release(n: int) -> None:
        releasing.release_text(
            given["text"].format(n=n),
            post=register,
            person=person,
            role=role,
            authentication=authentication,
            now=ledger.now(),
        )

    def receipted() -> int:
        return EntryRow.objects.filter(register=register, kind="Receipted").count()

    def wait(wanted: int) -> None:
        until = time.monotonic() + 300
        while receipted() < wanted:
            if time.monotonic() > until:
                raise SystemExit(f"only {receipted()} of {wanted} receipts came")
            time.sleep(0.005)

    release(0)
    wait(1)
    alone = []
    for n in range(1, 6):
        began = time.perf_counter()
        release(n)
        wait(n + 1)
        alone.append(time.perf_counter() - began)
    began = time.perf_counter()
    for n in range(count):
        release(n + 6)
    wait(count + 6)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "alone": alone}))


if __name__ == "__main__":
    main()
