"""What became of instructions, and what a cable that is no plain one concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cableroom.cable.document import Draft
from cableroom.cable.paragraphs import OutcomeLine
from cableroom.cable.reference import Ref, print_dtg
from cableroom.cable.rules.given import Finding, Given, Rule
from cableroom.cable.views import KnownCable


def _outcomes(given: Given) -> Iterator[tuple[str, int, OutcomeLine, Ref | None]]:
    """Where, the instruction's number, the line, and the ref that it answers."""
    content = given.content
    if isinstance(content, Draft):
        refs = {ref.letter: ref for ref in content.refs}
    else:
        refs = {ref.digest: ref for ref in content.refs if ref.digest}
    for paragraph in content.paras:
        if isinstance(paragraph.line, OutcomeLine):
            yield f"paragraph {paragraph.n}", paragraph.no or 0, paragraph.line, refs.get(paragraph.line.of)


def outcome_ref_missing(given: Given) -> Iterator[Finding]:
    for where, _, line, ref in _outcomes(given):
        if ref is None:
            yield where, f"There is no ref {line.of}.", "Write the instruction's number among the REFS."


def outcome_ref_unresolved(given: Given) -> Iterator[Finding]:
    if given.cables is None:
        return
    for where, _, _, ref in _outcomes(given):
        if ref is not None and given.cited(ref) is None:
            yield (
                where,
                f"Ref {ref.letter} ({ref.cited}) is no single cable that this post holds.",
                "Cite the instruction by its number.",
            )


def _answered(given: Given) -> Iterator[tuple[str, int, Ref, KnownCable]]:
    for where, no, _, ref in _outcomes(given):
        cable = None if ref is None else given.cited(ref)
        if ref is not None and cable is not None:
            yield where, no, ref, cable


def outcome_of_no_instruction(given: Given) -> Iterator[Finding]:
    for where, no, ref, cable in _answered(given):
        if no not in cable.instructions:
            numbers = ", ".join(map(str, sorted(cable.instructions)))
            yield (
                where,
                f"{ref.cited} has no instruction {no}.",
                f"Its instructions are {numbers}." if numbers else "It has none.",
            )


def outcome_not_asked(given: Given) -> Iterator[Finding]:
    sender = given.content.sender
    for where, no, ref, cable in _answered(given):
        if no in cable.instructions and sender not in cable.instructions[no]:
            yield (
                where,
                f"Instruction {no} of {ref.cited} was not put to {given.name(sender)}.",
                "Leave this outcome out.",
            )


def outcome_twice(given: Given) -> Iterator[Finding]:
    counts = Counter((line.of, no) for _, no, line, _ in _outcomes(given))
    for where, no, line, ref in _outcomes(given):
        if counts.pop((line.of, no), 1) > 1:
            name = line.of if ref is None else ref.letter
            yield where, f"Instruction {no} of ref {name} has more than one outcome.", "Write one."


def outcome_without_next(given: Given) -> Iterator[Finding]:
    for where, _, line, _ in _outcomes(given):
        if line.result in ("in part", "deferred") and line.next is None:
            yield where, f"It is {line.result}, and no next time is named.", "Write NEXT and the time."


def outcome_in_future(given: Given) -> Iterator[Finding]:
    for where, _, line, _ in _outcomes(given):
        if line.at is not None and line.at > given.now:
            yield where, f"AT {print_dtg(line.at)} is yet to come.", "Write the time at which it was done."


def next_past(given: Given) -> Iterator[Finding]:
    for where, _, line, _ in _outcomes(given):
        if line.next is not None and line.next <= given.now:
            yield where, f"NEXT {print_dtg(line.next)} has passed.", "Write a later time."


def report_without_outcome(given: Given) -> Iterator[Finding]:
    if given.content.head.kind == "report" and not any(_outcomes(given)):
        yield "KIND", "The report has no outcome.", "Begin a paragraph with OUTCOME OF A ACTION 1."


def outcome_outside_report(given: Given) -> Iterator[Finding]:
    if given.content.head.kind not in ("report", "correction"):
        for where, *_ in _outcomes(given):
            yield where, "An outcome stands in a cable that is no report.", "Write KIND: REPORT."


def report_not_to_originator(given: Given) -> Iterator[Finding]:
    content = given.content
    addressed = {post for each in content.head.to + content.head.info for post in given.reached(each)}
    originators = dict.fromkeys(cable.sender for _, _, _, cable in _answered(given))
    for sender in originators:
        if sender not in addressed:
            yield (
                "TO",
                f"{given.name(sender)} gave the instruction and does not get the report.",
                "Name it in TO.",
            )


def concerns_missing(given: Given) -> Iterator[Finding]:
    head = given.content.head
    if head.kind != "cable" and head.concerns_mrn is None:
        yield "KIND", f"The {head.kind} names no cable that it concerns.", "Write CONCERNS and its number."


def concerns_superfluous(given: Given) -> Iterator[Finding]:
    head = given.content.head
    if head.kind == "cable" and head.concerns_mrn is not None:
        yield (
            "CONCERNS",
            "A plain cable concerns no other.",
            "Write its KIND, or put the number among the REFS.",
        )


def _concerned(given: Given) -> KnownCable | None:
    head = given.content.head
    if head.concerns_mrn is None:
        return None
    return given.cited(Ref("", "mrn", head.concerns_mrn.print(given.home), head.concerns))


def concerns_unresolved(given: Given) -> Iterator[Finding]:
    mrn = given.content.head.concerns_mrn
    if given.cables is not None and mrn is not None and _concerned(given) is None:
        yield "CONCERNS", f"This post holds no cable {mrn.print(given.home)}.", "Check the number."


def concerns_not_yours(given: Given) -> Iterator[Finding]:
    head, cable = given.content.head, _concerned(given)
    if (
        head.kind in ("correction", "cancellation")
        and cable is not None
        and cable.sender != given.content.sender
    ):
        yield (
            "CONCERNS",
            f"The {head.kind} concerns a cable of {given.name(cable.sender)}.",
            "Only the post that sent a cable corrects or cancels it.",
        )


RULES = (
    Rule("outcome-ref-missing", "error", outcome_ref_missing),
    Rule("outcome-ref-unresolved", "error", outcome_ref_unresolved),
    Rule("outcome-of-no-instruction", "error", outcome_of_no_instruction),
    Rule("outcome-not-asked", "error", outcome_not_asked),
    Rule("outcome-twice", "error", outcome_twice),
    Rule("outcome-without-next", "warning", outcome_without_next),
    Rule("outcome-in-future", "warning", outcome_in_future),
    Rule("next-past", "warning", next_past),
    Rule("report-without-outcome", "error", report_without_outcome),
    Rule("outcome-outside-report", "error", outcome_outside_report),
    Rule("report-not-to-originator", "warning", report_not_to_originator),
    Rule("concerns-missing", "error", concerns_missing),
    Rule("concerns-superfluous", "error", concerns_superfluous),
    Rule("concerns-unresolved", "error", concerns_unresolved),
    Rule("concerns-not-yours", "error", concerns_not_yours),
)
