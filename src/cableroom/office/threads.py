"""Which cables belong together: an instruction, the reports on it, what corrects or cancels it, its refs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cableroom.directory import access
from cableroom.directory.models import Person
from cableroom.office.models import InboxItem, Link

THIS = "this"
REF = "ref"
CITED_BY = "cited by"
INSTRUCTION = "instruction"

_NEAR = ("concerns", "of")


@dataclass(frozen=True, slots=True)
class Strand:
    """One cable of a thread. `how`: this, instruction, report, correction, cancellation, readdressal, ref, cited by."""

    item: InboxItem
    how: str


def thread(person: Person | str, register: str, digest: str, *, now: datetime) -> list[Strand]:
    """The cables that belong with this one, by their date-time groups, as far as `person` may read them.

    What they concern or answer is followed to the end, refs for one step. Nothing is followed
    through a cable that the person may not read.
    """
    readable = access.visible(InboxItem.objects.filter(register=register), person, now=now)

    def held(digests: Collection[str]) -> set[str]:
        return set(readable.filter(digest__in=list(digests)).values_list("digest", flat=True))

    core = new = held({digest})
    while new:
        new = held(_targets(register, new, _NEAR) | _sources(register, new, _NEAR)) - core
        core |= new
    refs = held(_targets(register, held({digest}), (REF,))) - core
    citing = held(_sources(register, held({digest}), (REF,))) - core - refs
    strands = [
        Strand(item, _how(item, digest, refs, citing))
        for item in readable.filter(digest__in=list(core | refs | citing))
    ]
    return sorted(strands, key=lambda strand: (strand.item.dtg, strand.item.index))


def _targets(register: str, digests: Collection[str], kinds: Collection[str]) -> set[str]:
    rows = Link.objects.filter(register=register, digest__in=list(digests), kind__in=list(kinds))
    return set(rows.values_list("target", flat=True))


def _sources(register: str, digests: Collection[str], kinds: Collection[str]) -> set[str]:
    rows = Link.objects.filter(register=register, target__in=list(digests), kind__in=list(kinds))
    return set(rows.values_list("digest", flat=True))


def _how(item: InboxItem, digest: str, refs: Collection[str], citing: Collection[str]) -> str:
    if item.digest == digest:
        return THIS
    if item.digest in refs:
        return REF
    if item.digest in citing:
        return CITED_BY
    return INSTRUCTION if item.kind == "cable" else item.kind
