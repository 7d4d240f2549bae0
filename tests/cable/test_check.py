"""Each rule finds what it is for, says so, and finds nothing in a good draft."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cable_strategies import cables, examples
from hypothesis import given

from cableroom.cable.address import Post
from cableroom.cable.check import RULES, KnownCable, KnownPost, PolicyView, check
from cableroom.cable.label import Level
from cableroom.cable.text import parse_draft, print_cable

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference" / "checks.md"
POLICY = PolicyView(
    "aid.example/labels",
    2,
    (
        Level("U", "UNCLASSIFIED", 1),
        Level("R", "RESTRICTED", 2),
        Level("C", "CONFIDENTIAL", 3),
        Level("S", "SECRET", 4),
    ),
    frozenset({"MEDICAL"}),
    frozenset({"STAFF ONLY"}),
)


def home(name):
    return Post("aid.example", name)


def known(name, ceiling="SECRET", roles=("HEAD OF OFFICE",), org="aid.example"):
    return KnownPost(Post(org, name), ceiling, None if roles is None else frozenset(roles))


@dataclass
class Directory:
    org: str = "aid.example"
    posts: dict = field(
        default_factory=lambda: {
            each.post: each
            for each in (
                known("CAPITAL"),
                known("PORT SORELL"),
                known("TAMBO"),
                known("VALMERE", "RESTRICTED"),
                known("OLD LEVEL", "COSMIC"),
                known("FREE", None),
                known("GENEVA", None, None, "un.example"),
            )
        }
    )
    collectives: dict = field(
        default_factory=lambda: {home("RIVER POSTS"): (home("TAMBO"), home("VALMERE")), home("NOBODY"): ()}
    )

    def post(self, post):
        return self.posts.get(post)

    def collective(self, post):
        return self.collectives.get(post)


class Cables:
    """PORT SORELL holds two instructions of CAPITAL; the second was put to TAMBO alone."""

    def cited(self, ref, home_org):
        mrn = ref.mrn(home_org)
        if mrn is None or mrn.serial != 12 or mrn.post != "CAPITAL":
            return None
        return KnownCable(
            home("CAPITAL"),
            {1: frozenset({home("PORT SORELL"), home("TAMBO")}), 2: frozenset({home("TAMBO")})},
        )


GOOD = """FROM: CAPITAL
TO: PORT SORELL/HEAD OF OFFICE NIACT, RIVER POSTS PRIORITY
INFO: GENEVA@un.example
PRECEDENCE: IMMEDIATE / ROUTINE
CLASSIFICATION: RESTRICTED
CATEGORIES: MEDICAL
CAPTIONS: STAFF ONLY
TAGS: AID, FOOD, ZZ
SUBJECT: Convoy
REFS: A. 26 PORT SORELL 88
      B. Note of the harbour master
FILES: 1. list.csv (text/csv, 5 bytes, sha256:{sha}) (R/MEDICAL)
REPORT BY: 071200Z MAR 26
EXPIRES: 010000Z APR 26

1. (U) The convoy leaves.

2. (R) ACTION 1 DELIVER VERBATIM TO "the governor" FOR (PORT SORELL) BY 061200Z MAR 26:
> It comes.

3. (R/STAFF ONLY) ACTION 2 REPORT: fulfilment.
""".replace("{sha}", "11" * 32)
REPORT = """FROM: PORT SORELL
TO: CAPITAL
PRECEDENCE: PRIORITY
CLASSIFICATION: RESTRICTED
KIND: REPORT
CONCERNS: 26 CAPITAL 12
SUBJECT: What was done
REFS: A. 26 CAPITAL 12

1. OUTCOME OF A ACTION 1 CARRIED OUT AT 051200Z MAR 26: done.
"""
CANCEL = (
    REPORT.replace("PORT SORELL\nTO: CAPITAL", "CAPITAL\nTO: PORT SORELL")
    .replace("REPORT", "CANCELLATION")
    .replace("OUTCOME OF A ACTION 1 CARRIED OUT AT 051200Z MAR 26: done.", "It is off.")
)


def found(text, *changes, cables_held=True):
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return check(
        parse_draft(text),
        policy=POLICY,
        directory=Directory(),
        now=NOW,
        cables=Cables() if cables_held else None,
    )


@pytest.mark.parametrize("text", [GOOD, REPORT, CANCEL], ids=["good", "report", "cancellation"])
def test_nothing_is_found_in_a_good_draft(text):
    assert found(text) == []


SEVERAL = "RIVER POSTS PRIORITY"
CASES = [
    (
        "no-action-addressee",
        GOOD,
        [("TO: PORT SORELL/HEAD OF OFFICE NIACT, RIVER POSTS PRIORITY\n", ""), (" FOR (PORT SORELL)", "")],
    ),
    ("unknown-sender", GOOD, [("FROM: CAPITAL", "FROM: CAPITOL")]),
    ("unknown-post", GOOD, [("GENEVA@", "GENOA@")]),
    ("unknown-post", GOOD, [(SEVERAL, "ISLANDS (TAMBO, TOMBA)")]),
    ("empty-collective", GOOD, [(SEVERAL, "NOBODY")]),
    ("unknown-role", GOOD, [("HEAD OF OFFICE", "AMBASSADOR")]),
    ("addressee-ceiling", GOOD, [("RESTRICTED", "SECRET")]),
    ("addressee-ceiling", GOOD, [(SEVERAL, "VALMERE"), ("RESTRICTED", "CONFIDENTIAL")]),
    ("addressee-ceiling", GOOD, [(SEVERAL, "OLD LEVEL")]),
    (
        "sender-ceiling",
        GOOD,
        [("FROM: CAPITAL", "FROM: VALMERE"), (SEVERAL, "TAMBO"), ("RESTRICTED", "SECRET")],
    ),
    ("named-twice", GOOD, [("INFO: ", "INFO: PORT SORELL, ")]),
    ("exempted-addressee", GOOD, [("\nPRECEDENCE", "\nXMT: PORT SORELL\nPRECEDENCE")]),
    (
        "exempted-addressee",
        GOOD,
        [(SEVERAL, "ISLANDS (TAMBO)"), ("\nPRECEDENCE", "\nXMT: TAMBO\nPRECEDENCE")],
    ),
    ("exempts-nobody", GOOD, [("\nPRECEDENCE", "\nXMT: FREE\nPRECEDENCE")]),
    ("precedence-off", GOOD, [("IMMEDIATE / ROUTINE", "IMMEDIATE / DEFERRED")]),
    ("precedence-off", GOOD, [("PRIORITY", "OVERRIDE")]),
    ("info-precedence-missing", GOOD, [("IMMEDIATE / ROUTINE", "IMMEDIATE")]),
    ("info-precedence-superfluous", GOOD, [("INFO: GENEVA@un.example\n", "")]),
    ("niact-without-urgency", GOOD, [("IMMEDIATE / ROUTINE", "PRIORITY / ROUTINE")]),
    ("niact-without-urgency", GOOD, [("GENEVA@un.example", "GENEVA@un.example NIACT")]),
    ("other-policy", GOOD, [("TAGS", "POLICY: aid.example/labels 3\nTAGS")]),
    ("unknown-level", GOOD, [("RESTRICTED", "COSMIC")]),
    ("unknown-category", GOOD, [("CATEGORIES: MEDICAL", "CATEGORIES: MEDICAL, LEGAL")]),
    ("unknown-caption", GOOD, [("CAPTIONS: STAFF ONLY", "CAPTIONS: STAFF ONLY, NO PRESS")]),
    ("unknown-mark", GOOD, [("(U)", "(X)")]),
    ("unknown-mark", GOOD, [("(R/MEDICAL)", "(R/LEGAL)")]),
    ("mark-above-classification", GOOD, [("(U)", "(S)")]),
    ("mark-above-classification", GOOD, [("(R/MEDICAL)", "(C)")]),
    ("mark-beyond-label", GOOD, [("CATEGORIES: MEDICAL\n", "")]),
    ("mark-beyond-label", GOOD, [("CAPTIONS: STAFF ONLY\n", "")]),
    ("instruction-post", GOOD, [("FOR (PORT SORELL)", "FOR (FREE)")]),
    ("words-missing", GOOD, [("\n> It comes.", "")]),
    ("deadline-past", GOOD, [("071200Z MAR", "051430Z MAR")]),
    ("deadline-past", GOOD, [("061200Z MAR", "051200Z MAR")]),
    ("deadline-after-expiry", GOOD, [("061200Z MAR", "020000Z APR")]),
    (
        "expired",
        GOOD,
        [
            ("010000Z APR 26", "051430Z MAR 26"),
            (" BY 061200Z MAR 26", ""),
            ("REPORT BY: 071200Z MAR 26\n", ""),
            ("REPORT:", "DO:"),
        ],
    ),
    ("report-without-deadline", GOOD, [("REPORT BY: 071200Z MAR 26\n", "")]),
    ("outcome-ref-missing", REPORT, [("OF A", "OF B")]),
    ("outcome-ref-unresolved", REPORT, [("A. 26 CAPITAL 12", "A. 26 CAPITAL 13")]),
    ("outcome-ref-unresolved", REPORT, [("A. 26 CAPITAL 12", "A. Letter of 3 March")]),
    ("outcome-of-no-instruction", REPORT, [("ACTION 1", "ACTION 3")]),
    ("outcome-not-asked", REPORT, [("ACTION 1", "ACTION 2")]),
    ("outcome-twice", REPORT, [("done.\n", "done.\n\n2. OUTCOME OF A ACTION 1 REFUSED:\n")]),
    ("outcome-without-next", REPORT, [("CARRIED OUT", "IN PART")]),
    ("outcome-without-next", REPORT, [("CARRIED OUT", "DEFERRED")]),
    ("outcome-in-future", REPORT, [("051200Z", "061200Z")]),
    ("next-past", REPORT, [("CARRIED OUT AT 051200Z MAR 26", "DEFERRED NEXT 051200Z MAR 26")]),
    (
        "report-without-outcome",
        REPORT,
        [("OUTCOME OF A ACTION 1 CARRIED OUT AT 051200Z MAR 26: done.", "Done.")],
    ),
    ("outcome-outside-report", REPORT, [("KIND: REPORT\nCONCERNS: 26 CAPITAL 12\n", "")]),
    ("report-not-to-originator", REPORT, [("TO: CAPITAL", "TO: TAMBO")]),
    ("concerns-missing", CANCEL, [("CONCERNS: 26 CAPITAL 12\n", "")]),
    ("concerns-superfluous", CANCEL, [("KIND: CANCELLATION\n", "")]),
    ("concerns-unresolved", CANCEL, [("CONCERNS: 26 CAPITAL 12", "CONCERNS: 26 CAPITAL 13")]),
    ("concerns-not-yours", CANCEL, [("FROM: CAPITAL\n", "FROM: TAMBO\n")]),
    ("near-reference", GOOD, [("26 PORT SORELL 88", "2026 PORT SORELL 88")]),
    ("ref-twice", GOOD, [("Note of the harbour master", "26 PORT SORELL 88")]),
    ("tag-form", GOOD, [("FOOD", "F-1 2")]),
    ("open-isolate", GOOD, [("SUBJECT: Convoy", "SUBJECT: \u2067Convoy")]),
    ("open-isolate", GOOD, [("It comes.", "\u2066It\n> comes.\u2069")]),
    ("open-isolate", GOOD, [("leaves.", "leaves\u2069.")]),
    ("file-name", GOOD, [("list.csv", "../list.csv")]),
    ("originator-reference", GOOD, [("\n\n1.", "\nORIGINATOR REFERENCE: " + "x" * 70 + "\n\n1.")]),
    ("exercise", GOOD, [("SUBJECT", 'EXERCISE: DRILL "HIGH WATER"\nSUBJECT')]),
    ("exercise-unmarked", GOOD, [("SUBJECT: Convoy", "SUBJECT: Exercise HIGH WATER")]),
]


@pytest.mark.parametrize(("code", "text", "changes"), CASES)
def test_each_rule_finds_its_own_and_no_other(code, text, changes):
    problems = found(text, *changes)
    assert {problem.code for problem in problems} == {code}
    assert all(problem.where and problem.message.endswith(".") and problem.hint for problem in problems)


def test_every_rule_has_a_case_and_a_code_of_its_own():
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert {code for code, *_ in CASES} == set(codes)
    assert {rule.severity for rule in RULES} == {"error", "warning"}


def test_codes_and_severities_are_those_of_the_reference():
    rows = re.findall(r"^\| `([a-z-]+)` \| (error|warning) \|", REFERENCE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(rule.code, rule.severity) for rule in RULES]


def test_the_post_is_named_that_may_not_receive():
    (problem,) = found(GOOD, ("RESTRICTED", "SECRET"))
    assert problem.message == "VALMERE may not receive SECRET."
    assert problem.severity == "error"


def test_a_precedence_that_is_off_comes_with_another():
    (problem,) = found(GOOD, ("IMMEDIATE / ROUTINE", "IMMEDIATE / DEFERRED"))
    assert (problem.message, problem.hint) == ("The policy does not use DEFERRED.", "Write ROUTINE.")


def test_a_foreign_post_is_named_with_its_organisation():
    (problem,) = found(GOOD, ("GENEVA@un.example", "GENOA@un.example"))
    assert problem.message == "There is no post GENOA@un.example."


def test_without_the_cables_held_nothing_is_looked_up():
    assert found(REPORT, ("26 CAPITAL 12", "26 CAPITAL 13"), cables_held=False) == []


def test_a_foreign_post_of_unknown_roles_takes_any_role():
    assert found(GOOD, ("GENEVA@un.example", "GENEVA@un.example/HEAD OF DESK")) == []


def test_all_problems_are_told_at_once_in_the_order_of_the_rules():
    problems = found(
        GOOD, ("GENEVA", "GENOA"), ("RESTRICTED", "SECRET"), ("(U)", "(X)"), ("061200Z", "011200Z")
    )
    assert [problem.code for problem in problems] == [
        "unknown-post",
        "addressee-ceiling",
        "unknown-mark",
        "deadline-past",
    ]


@examples(30)
@given(cables)
def test_any_cable_can_be_checked(cable):
    directory = Directory(org="mfa.example")
    for content in (cable, parse_draft(print_cable(cable))):
        problems = check(content, policy=POLICY, directory=directory, now=NOW, cables=Cables())
        assert all(problem.code in {rule.code for rule in RULES} for problem in problems)
