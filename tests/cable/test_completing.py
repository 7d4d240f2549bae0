"""What release makes of a draft."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cableroom.cable.address import Post, PostRef
from cableroom.cable.completing import complete
from cableroom.cable.document import Cable, File
from cableroom.cable.heading import Officer, PolicyRef
from cableroom.cable.reference import Mrn
from cableroom.cable.text import parse_cable, parse_draft, print_cable
from cableroom.errors import DocumentError

DRAFT = """FROM: CAPITAL
TO: RIVER POSTS, PORT SORELL@aid.example
XMT: LOWER TAMBO
PRECEDENCE: IMMEDIATE
CLASSIFICATION: RESTRICTED
SUBJECT: Convoy
REFS: A. 26 PORT SORELL 88 @aid.example
      B. Note of the harbour master

1. ACTION 1 INFORM "HERON" FOR (PORT SORELL@aid.example): of it.

DRAFTED: DESK OFFICER
CLEARED: NOBODY AT ALL
SIGNED: DIRECTOR
"""
REPORT = """FROM: PORT SORELL@aid.example
TO: CAPITAL
PRECEDENCE: IMMEDIATE
CLASSIFICATION: RESTRICTED
KIND: REPORT
CONCERNS: 26 CAPITAL 12
SUBJECT: Convoy
REFS: A. 26 CAPITAL 12

1. OUTCOME OF A ACTION 1 DEFERRED: later.
"""
RIVER = {
    Post("aid.example", "RIVER POSTS"): [
        Post("aid.example", "TAMBO"),
        Post("aid.example", "LOWER TAMBO"),
        Post("health.example", "DELTA"),
    ]
}
DIGEST = "22" * 32


def released(text=DRAFT, **more):
    given = {
        "mrn": Mrn("aid.example", parse_draft(text).head.from_.name, None, 12, 2026),
        "dtg": datetime(2026, 3, 5, 14, 30, 59, 7, tzinfo=UTC),
        "policy": PolicyRef("aid.example/labels", 2),
        "from_org": "aid.example",
        "released_by": Officer("DIRECTOR", "J. Okello"),
    }
    return complete(parse_draft(text), **given | more)


def test_release_fills_in_what_a_draft_leaves_out():
    cable = released(
        cleared_by=[Officer("MEDICAL ADVISER")],
        digests={"A": DIGEST},
        collectives=RIVER,
        drafted_by=Officer("CLERK"),
    )
    assert isinstance(cable, Cable)
    assert print_cable(cable).startswith(
        "MRN: 26 CAPITAL 12\nDTG: 051430Z MAR 26\nFROM: CAPITAL@aid.example\n"
        "TO: RIVER POSTS (TAMBO, DELTA@health.example), PORT SORELL\nXMT: LOWER TAMBO\n"
    )
    assert print_cable(cable).endswith(
        "DRAFTED: CLERK\nCLEARED: MEDICAL ADVISER\nRELEASED: DIRECTOR (J. Okello)\n"
        f"DIGESTS: A {DIGEST}\nSIGNED: DIRECTOR\n"
    )
    assert [ref.kind for ref in cable.refs] == ["mrn", "free"]
    assert cable.refs[0].cited == "26 PORT SORELL 88"
    assert cable.instructions[0].posts == (Post("aid.example", "PORT SORELL"),)
    assert parse_cable(print_cable(cable)) == cable


def test_what_a_text_claims_of_its_release_is_not_believed():
    cable = released(DRAFT + "")
    assert cable.head.cleared_by == ()
    assert cable.head.drafted_by == Officer("DESK OFFICER")
    assert cable.head.to[0].members is None
    whole = parse_draft(print_cable(cable))
    again = complete(
        whole,
        mrn=Mrn("aid.example", "CAPITAL", "N", 13, 2026),
        dtg=datetime(2026, 3, 5, 23, tzinfo=timezone(timedelta(hours=3))),
        policy=PolicyRef("p", 1),
        from_org="aid.example",
        released_by=Officer("OTHER"),
    )
    assert (again.mrn.serial, again.head.policy.id, again.head.released_by.role) == (13, "p", "OTHER")
    assert again.dtg == datetime(2026, 3, 5, 20, tzinfo=UTC)


def test_outcomes_answer_the_digest_of_their_ref():
    cable = released(REPORT, digests={"A": DIGEST}, concerns_digest=DIGEST)
    assert cable.outcomes[0].of == DIGEST
    assert cable.head.concerns == DIGEST
    assert cable.head.to[0].post == PostRef(None, "CAPITAL")


def test_files_are_those_given_or_those_written():
    file = File(1, "list.csv", "text/csv", 5, "11" * 32)
    assert released(files=[file]).files == (file,)
    text = DRAFT.replace("\n\n1.", f"\nFILES: {file.as_text()}\n\n1.")
    assert released(text).files == (file,)
    assert released(text, files=[]).files == ()


@pytest.mark.parametrize(
    ("text", "more", "where"),
    [
        (REPORT, {"concerns_digest": DIGEST}, "paras.1"),
        (REPORT, {"digests": {"A": DIGEST}}, "head.concerns"),
        (DRAFT, {"concerns_digest": DIGEST}, "head.concerns"),
        (REPORT, {"digests": {"A": "x"}, "concerns_digest": DIGEST}, "refs.1"),
        (REPORT, {"from_org": "un.example"}, "head.from"),
        (DRAFT, {"mrn": Mrn("aid.example", "DEPOT", None, 1, 2026)}, "head.mrn"),
        (DRAFT, {"mrn": Mrn("aid.example", "CAPITAL", None, 1, 2025)}, "head.mrn"),
        (DRAFT, {"released_by": Officer("small letters")}, "head.released_by"),
        (DRAFT.replace("TO: RIVER POSTS, PORT SORELL@aid.example\n", ""), {}, "head.to"),
        (DRAFT.replace("IMMEDIATE", "IMMEDIATE / ROUTINE"), {}, "head"),
        (
            DRAFT.replace('INFORM "HERON" FOR (PORT SORELL@aid.example): of it.', 'DELIVER VERBATIM TO "X":'),
            {},
            "paras.1",
        ),
    ],
)
def test_what_would_be_no_cable_is_not_made(text, more, where):
    with pytest.raises(DocumentError) as caught:
        released(text, **more)
    assert caught.value.where == where
