"""The shapes that a JSON document of the directory is read with; each refusal names its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cableroom.errors import CableroomError, DocumentError

MAX_ITEMS = 1000
MAX_TEXT = 100

ITEM = re.compile(r"[A-Z0-9/-]+(?: [A-Z0-9/-]+)*")
"""A level, category or caption, as cables write them."""

LETTER = re.compile(r"[A-Z]")
POLICY_ID = re.compile(r"[!-~]{1,100}")
OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")


@dataclass(frozen=True, slots=True)
class Shapes:
    """Reads one kind of document: `document` is what errors call it, `code` their code."""

    document: str
    code: str

    def mapping(self, value: object, keys: Collection[str], where: str) -> Mapping[str, Any]:
        """An object with exactly these keys."""
        if not isinstance(value, dict) or set(value) != set(keys):
            have = set(value) if isinstance(value, dict) else set()
            odd = ", ".join(sorted(set(keys) ^ have))[:200]
            raise self.bad(where, f"Exactly the keys {', '.join(sorted(keys))} are expected; see: {odd}.")
        return value

    def items(
        self, value: object, where: str, read: Callable[[object, str], Any], *, optional: bool = False
    ) -> tuple[Any, ...]:
        """A list of 1 to 1,000 items, each read; with `optional`, null is none."""
        if value is None and optional:
            return ()
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_ITEMS:
            raise self.bad(
                where, f"A list of 1 to {MAX_ITEMS:,} is expected{', or null' if optional else ''}."
            )
        return tuple(read(item, f"{where} {n}") for n, item in enumerate(value, 1))

    def text(self, value: object, form: re.Pattern[str], where: str) -> str:
        if not isinstance(value, str) or len(value) > MAX_TEXT or not form.fullmatch(value):
            shown = repr(value)[:80]
            raise self.bad(where, f"{shown} is not of the form expected here ({form.pattern}).")
        return value

    def item(self, value: object, where: str) -> str:
        return self.text(value, ITEM, where)

    def number(self, value: object, where: str, *, most: int = 2**53 - 1) -> int:
        if type(value) is not int or not 1 <= value <= most:
            raise self.bad(where, f"A number from 1 to {most} is expected.")
        return value

    def version(self, value: object, expected: int) -> None:
        if type(value) is not int or value != expected:
            raise self.bad("v", f"This program reads version {expected} of this document.")

    def one_of(self, value: object, names: Iterable[str], where: str) -> str:
        known = sorted(names)
        if not isinstance(value, str) or value not in known:
            raise self.bad(where, f"{repr(value)[:80]} is none of {', '.join(known)}.")
        return value

    def by(self, check: Callable[[str], str], value: object, where: str) -> str:
        """A text that another room's `check` takes; its objection, with our place."""
        if not isinstance(value, str):
            raise self.bad(where, "A text is expected.")
        try:
            return check(value)
        except CableroomError as error:
            raise self.bad(where, error.what) from None

    def once(self, names: Iterable[object], where: str) -> None:
        seen: set[object] = set()
        for name in names:
            if name in seen:
                raise self.bad(where, f"{name} stands there twice.")
            seen.add(name)

    def bad(self, where: str, what: str) -> DocumentError:
        return DocumentError(what, where=f"{self.document}, {where}", code=self.code)
