"""Every page with made-up data: the developers' gallery, and what the browser tests look at.

All people, places and texts are invented.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cableroom.web import viewing as v
from cableroom.web.wording import Words

NOW = datetime(2026, 11, 23, 21, 9, tzinfo=UTC)
WORDS = Words("diplomatic")
PLAIN = Words("plain")

LEVELS = {"UNCLASSIFIED": 1, "RESTRICTED": 2, "CONFIDENTIAL": 3, "SECRET": 4}


def label(level: str, *captions: str) -> v.LabelView:
    number = LEVELS[level]
    return v.LabelView(level, number, number - 1, (), captions)


def prec(name: str) -> v.PrecedenceView:
    inks = {"ROUTINE": 1, "PRIORITY": 2, "IMMEDIATE": 3, "FLASH": 4}
    return v.PrecedenceView(name, inks[name])


def at(hour: int, minute: int, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def frame(current: str = "inbox", *, words: Words = WORDS, mark: str = "SECRET", **more: Any) -> v.PageView:
    counts = {"inbox": (4, False), "tasks": (2, True), "drafts": (1, False), "watch": (1, True)}
    rooms = tuple(
        v.RoomView(key, "#", *counts.get(key, (0, False)), current=key == current)
        for key in ("inbox", "tasks", "board", "drafts", "records", "watch")
    )
    values: dict[str, Any] = {
        "words": words,
        "post": "PORT SORELL",
        "post_about": "Ministry of Foreign Affairs of Halvia",
        "rooms": rooms,
        "person": "Ana Ferrer",
        "role": "SECOND SECRETARY",
        "mark": v.MarkView(label(mark)),
        "now": NOW,
    }
    return v.PageView(**{**values, **more})


FLASH_BAND = v.BandView(
    kind="flash",
    name="FLASH",
    lead="FLASH",
    text="Nobody here has taken it up. 4 min.",
    url="#",
    link="Withdraw staff from the Aune crossing",
    button="Open",
)
EXERCISE_BAND = v.BandView(
    kind="exercise", name="Exercise", lead="EXERCISE HIGH WATER. Nothing here is real."
)

FRENCH = (
    "Le Gouvernement de la Halvie estime que le Gouvernement de la Caldrie devrait déclarer aujourd’hui même "
    "que le pont de l’Aune restera ouvert aux convois médicaux.\n\nIl serait également utile de répondre sans "
    "tarder à l’appel de la Secrétaire générale du Comité des fleuves, et de souligner dans cette réponse "
    "qu’aucune unité ne stationne aux abords du pont."
)
ENGLISH = (
    "The Government of Halvia considers that the Government of Caldria should declare this very day that the "
    "Aune bridge will remain open to medical convoys.\n\nIt would also be useful to answer without delay the "
    "appeal of the Secretary-General of the River Committee, and to underline in that answer that no units are "
    "stationed near the bridge."
)
ARABIC = (
    "ترى حكومة هالفيا أن على حكومة كالدريا أن تعلن اليوم أن جسر الأون سيبقى مفتوحًا أمام القوافل الطبية.\n\n"
    "ومن المفيد أيضًا الرد دون إبطاء على نداء الأمينة العامة للجنة الأنهار."
)
DIGEST = "7f3a91c20be455d8a6f13c07e29b44108dd56e1fc7a0932b5b6804fe1a9d77c3"


def text(value: str, language: str = "en") -> v.BlockView:
    return v.BlockView((v.Run(value),), language=language)


def the_words(value: str = FRENCH, language: str = "fr", name: str = "French") -> v.WordsView:
    return v.WordsView(value, language, name, True, True, "words-1", "#", "#")


def cable(words: Words = WORDS, **more: Any) -> v.CableView:
    heron = v.CoverView(
        "HERON",
        "Ms L. Varga, convoy coordinator of the River Committee",
        label("SECRET"),
        "You see this name because you are cleared for CONTACTS.",
    )
    paragraphs = (
        v.ParagraphView(
            1,
            "S",
            "SECRET",
            (
                text(
                    "We have your report (ref A) that the bridge will be closed on 25 November. It crosses "
                    "with the President’s letter of today (ref B), whose whole purpose is to remove the ground "
                    "for a closure."
                ),
            ),
        ),
        v.ParagraphView(
            2,
            "S",
            "SECRET",
            (),
            v.AskView(
                words("instruction_n", no=1),
                words("deliver_verbatim"),
                (v.Run("to the Foreign Minister of Caldria, urgently, on instructions of the Government"),),
                "i1",
            ),
            the_words(),
            (v.WordsView(ENGLISH, "en", "English", False, True),),
        ),
        v.ParagraphView(
            3,
            "S",
            "SECRET",
            (text("Of the advice in instruction 1, and of nothing else in this cable."),),
            v.AskView(words("instruction_n", no=2), words("inform"), (v.Run("HERON", True),), "i2"),
            covers=(heron,),
        ),
        v.ParagraphView(
            4,
            "S",
            "SECRET",
            (text("On the fulfilment of these instructions, and on any reply."),),
            v.AskView(
                words("instruction_n", no=3), words("report_instruction"), (v.Run("by 241200Z NOV 26"),), "i3"
            ),
        ),
    )
    values: dict[str, Any] = {
        "url": "#",
        "digest": DIGEST,
        "mrn": "26 CAPITAL 417",
        "dtg": "231840Z NOV 26",
        "at": at(18, 40),
        "subject": "Passage of medical convoys over the Aune bridge",
        "language": "en",
        "precedence": prec("IMMEDIATE"),
        "label": label("SECRET", "EYES ONLY"),
        "origin": "CAPITAL, MINISTER",
        "behalf": "",
        "action": (v.AddresseeView("PORT SORELL", own=True), v.AddresseeView("VALMERE")),
        "info": (v.AddresseeView("NEW YORK", precedence=prec("ROUTINE")),),
        "paragraphs": paragraphs,
        "tags": ("PREL", "EAID", "CD"),
        "refs": (
            v.RefView("A", "26 PORT SORELL 1021", "#", "Closure of the bridge announced"),
            v.RefView("B", "Letter of the President to the River Committee, 23 November"),
            v.RefView("C", "26 CAPITAL 411", "#", "Convoys: line to take"),
        ),
        "report_by": "241200Z NOV 26",
        "report_due": v.DueView("in 14 h 51 min", "soon"),
        "files": (v.FileView(1, "sketch of the crossing.pdf", "application/pdf", "48 kB", "R", "#"),),
        "signed_as": "THE MINISTER",
        "foot": (
            "Drafted by RIVERS DEPARTMENT.",
            "Cleared by LEGAL (M. Osei), RIVERS DEPARTMENT (K. Lind).",
            "Released by MINISTER (A. Rehn).",
            "Declassify on 2051-11-23.",
        ),
    }
    return v.CableView(**{**values, **more})


def evidence(words: Words = WORDS) -> tuple[v.EvidenceView, ...]:
    verified = v.StateView(words("verified"), "done")
    return (
        v.EvidenceView(
            f"{words('released_and_signed_by')} CAPITAL",
            (
                "Signed with the release key of CAPITAL. The certificate was good at that time and has not been "
                "revoked.",
            ),
            verified,
            facts=(
                v.FactView("Digest", DIGEST, True),
                v.FactView("Entry", "CAPITAL 40218"),
                v.FactView("Algorithm", "ES256, SHA-256"),
            ),
        ),
        v.EvidenceView(
            "Receipted by PORT SORELL",
            ("Our register has it as entry 9127. The signed receipt left at 18:41:22Z.",),
            verified,
        ),
        v.EvidenceView(
            "Head of CAPITAL’s register",
            ("The head seen with this cable (40218) extends the one seen before (40201).",),
            v.StateView(words("consistent"), "done"),
        ),
    )


def cable_page(words: Words = WORDS, **more: Any) -> v.CablePage:
    steps = (
        v.StepView("Released", "done", at(18, 40), "CAPITAL"),
        v.StepView("Handed over", "done", at(18, 41), "channel 2206"),
        v.StepView("Receipted", "done", at(18, 41), "by our system, signed"),
        v.StepView("Acknowledged", "done", at(18, 52), "AMBASSADOR"),
        v.StepView("Reported", "todo"),
        v.StepView("Accepted", "todo"),
    )
    todo = (
        v.TodoView(
            "1 Deliver verbatim", "p2", v.StateView("In hand", "half"), "I. Costa. Meeting at 09:30Z", True
        ),
        v.TodoView(
            "2 Inform HERON",
            "p3",
            v.StateView("Noted as done", "half"),
            "A. Ferrer, 20:10Z. Not reported",
            True,
        ),
        v.TodoView("3 Report", "p4", v.StateView("Due 12:00Z tomorrow", "soon")),
    )
    values: dict[str, Any] = {
        "cable": cable(words),
        "asks_heading": words("what_this_asks", post="PORT SORELL"),
        "todo": todo,
        "acts": (
            v.ActView("Report", "#", post=True, first=True),
            v.ActView("Note", "#"),
            v.ActView("Assign", "#"),
        ),
        "ways": (v.WayView(words("how_it_came_here"), steps),),
        "evidence": evidence(words),
        "thread": (
            v.ThreadView("26 PORT SORELL 1021", "Closure of the bridge announced, 22 Nov", "#"),
            v.ThreadView("26 CAPITAL 417", "this cable", this=True),
        ),
        "links": (v.ActView("Record and citation", "#"), v.ActView("As text", "#")),
        "readers": v.ReadersView(
            ("AMBASSADOR", "Ana Ferrer"), "#", (v.ChoiceView("REGISTRY", "REGISTRY"),), ()
        ),
        "verify_url": "#",
        "evidence_url": "#",
    }
    return v.CablePage(**{**values, **more})


def decide_page() -> v.CablePage:
    return cable_page(
        asks_heading="What this asks of CAPITAL",
        todo=(),
        acts=(),
        decisions=(
            v.DecisionView("1 Deliver verbatim: carried out", "#", DIGEST, 1),
            v.DecisionView("2 Inform HERON: deferred to 241200Z NOV 26", "#", DIGEST, 2, final=False),
        ),
    )


def item(subject: str, mrn: str, origin: str, precedence: str, level: str, **more: Any) -> v.ItemView:
    return v.ItemView("#", subject, "en", mrn, origin, prec(precedence), label(level), **more)


FLASH_ITEM = v.ItemView(
    "#",
    "Withdraw staff from the Aune crossing",
    "en",
    "26 CAPITAL 421",
    "CAPITAL, MINISTER",
    prec("FLASH"),
    label("CONFIDENTIAL"),
    ("Action: PORT SORELL",),
    take_up="#",
    dtg="232104Z NOV 26",
    late_word="received 4 min ago",
)


def inbox(words: Words = WORDS, flash: bool = True) -> v.InboxView:
    action = (
        v.ItemView(
            "#",
            "Passage of medical convoys over the Aune bridge",
            "en",
            "26 CAPITAL 417",
            "CAPITAL, MINISTER",
            prec("IMMEDIATE"),
            label("SECRET", "EYES ONLY"),
            ("2 of 3 instructions open",),
            v.DueView("due 12:00Z tomorrow", "soon"),
            True,
        ),
        item(
            "Consular access to the crew of the Meridian",
            "26 CAPITAL 402",
            "CAPITAL, CONSULAR",
            "PRIORITY",
            "RESTRICTED",
            facts=("with J. Maro",),
            due=v.DueView("overdue since 15:00Z", "late"),
        ),
        item(
            "Census of nationals: third reminder to all posts",
            "26 CAPITAL 388",
            "CAPITAL, REGISTRY",
            "ROUTINE",
            "UNCLASSIFIED",
            facts=("nobody assigned",),
            due=v.DueView("due 30 Nov"),
        ),
    )
    info = (
        item(
            "Talks with the River Committee, second day",
            "26 VALMERE 76",
            "VALMERE",
            "PRIORITY",
            "CONFIDENTIAL",
            due=v.DueView("20:31Z"),
            unread=True,
        ),
        item(
            "Réunion du comité : ordre du jour provisoire et liste des participants, troisième version",
            "26 NEW YORK 311",
            "NEW YORK",
            "ROUTINE",
            "UNCLASSIFIED",
            due=v.DueView("19:02Z"),
        ),
    )
    groups = (
        v.GroupView(words("for_action"), "3 open at this post", action),
        v.GroupView(words("for_information"), "2 new", info),
        v.GroupView(words("desk"), "no rule knew where these go", ()),
    )
    return v.InboxView((FLASH_ITEM,) if flash else (), groups, NOW, "Last cable: 19:02Z, from NEW YORK.")


def board() -> v.BoardView:
    one = ("1 Deliver verbatim", "2 Inform HERON", "3 Report")
    two = ("1 Obtain access", "2 Report")
    due = v.StateView("Due 12:00Z", "soon", "#")
    accepted = v.StateView("Accepted", "done", "#")
    late = v.StateView("Overdue 6 h", "late", "#")
    rows = (
        v.BoardRow(
            "VALMERE",
            (
                v.CellView(one[0], v.StateView("Overdue 40 min", "late", "#"), 4, "Acknowledged"),
                v.CellView(one[1], None),
                v.CellView(one[2], due, 4, "Acknowledged"),
            ),
            "acknowledged 18:49Z, AMBASSADOR",
        ),
        v.BoardRow(
            "PORT SORELL",
            (
                v.CellView(one[0], v.StateView("Acknowledged", "half", "#"), 4, "Due 12:00Z"),
                v.CellView(
                    one[1],
                    v.StateView("Reported", "half", "#"),
                    5,
                    "carried out 20:10Z",
                    "26 PORT SORELL 1030",
                    "#",
                ),
                v.CellView(one[2], due, 4, "Acknowledged"),
            ),
            "acknowledged 18:52Z, AMBASSADOR",
        ),
    )
    more = (
        v.BoardRow(
            "PORT SORELL",
            (v.CellView(two[0], late, 4, "Deferred once, to 15:00Z"), v.CellView(two[1], late, 4)),
        ),
        v.BoardRow(
            "GENEVA",
            tuple(v.CellView(column, accepted, 6, "", "26 GENEVA 139", "#") for column in two),
        ),
    )
    return v.BoardView(
        (
            v.BoardCable(
                "b1",
                "#",
                "Passage of medical convoys over the Aune bridge",
                "en",
                "26 CAPITAL 417",
                prec("IMMEDIATE"),
                label("SECRET"),
                one,
                rows,
                "241200Z NOV 26",
                (v.ActView("Accept or return (1)", "#"),),
            ),
            v.BoardCable(
                "b2",
                "#",
                "Consular access to the crew of the Meridian",
                "en",
                "26 CAPITAL 402",
                prec("PRIORITY"),
                label("RESTRICTED"),
                two,
                more,
            ),
        ),
        3,
        5,
        1,
    )


RESULTS = tuple(
    v.ChoiceView(key, WORDS(key), key == "carried_out")
    for key in ("carried_out", "in_part", "deferred", "refused", "impossible")
)


def tasks(note: bool = True) -> v.TasksView:
    def task(no: int, act: str, rest: str, due: v.DueView, owner: str, **more: Any) -> v.TaskView:
        values: dict[str, Any] = {
            "subject": "Passage of medical convoys over the Aune bridge",
            "language": "en",
            "url": "#",
            "mrn": "26 CAPITAL 417",
            "label": label("SECRET"),
            "note": "",
            "acts": (v.ActView("Note", "#"), v.ActView("Assign", "#")),
        }
        return v.TaskView(no, act, (v.Run(rest),), due=due, owner=owner, **{**values, **more})

    overdue = v.DueView("was due today 15:00Z", "late")
    soon = v.DueView("due tomorrow 12:00Z", "soon")
    other = {
        "subject": "Consular access to the crew of the Meridian",
        "mrn": "26 CAPITAL 402",
        "label": label("RESTRICTED"),
    }
    groups = (
        v.TaskGroup(
            "Overdue",
            True,
            (
                task(
                    1,
                    "Obtain",
                    "access to the crew from the Harbour Authority",
                    overdue,
                    "J. Maro",
                    **{**other, "note": "harbour master away until 18:00"},
                ),
                task(2, "Report", "on the above", overdue, "J. Maro", **other),
            ),
        ),
        v.TaskGroup(
            "Next",
            False,
            (
                task(
                    1, "Deliver verbatim", "to the Foreign Minister of Caldria", soon, "I. Costa", chosen=True
                ),
                task(3, "Report", "on the fulfilment, and on any reply", soon, ""),
            ),
        ),
    )
    form = v.NoteForm(
        "#",
        "Deliver verbatim",
        "26 CAPITAL 417",
        1,
        "",
        "the Ambassador",
        "the Foreign Minister",
        RESULTS,
        "CAPITAL",
    )
    people = (v.ChoiceView("maro", "J. Maro"), v.ChoiceView("costa", "I. Costa"))
    assign = v.AssignForm("#", "Deliver verbatim", "26 CAPITAL 417", 1, people)
    return v.TasksView(groups, 4, 2, form if note else None, None if note else assign)


DRAFT = """FROM: CAPITAL
TO: PORT SORELL, VALMERE
INFO: NEW YORK ROUTINE
PRECEDENCE: IMMEDIATE / ROUTINE
CLASSIFICATION: CONFIDENTIAL
TAGS: PREL, EAID, CD
SUBJECT: Passage of medical convoys over the Aune bridge
REFS: A. 26 PORT SORELL 1021
      B. Letter of the President to the River Committee, 23 November
REPORT BY: 241200Z NOV 26

1. (C) We have your report (ref A) that the bridge will be closed
on 25 November. It crosses with the President’s letter of today (ref B).

2. (C) ACTION 1 DELIVER VERBATIM TO "the Foreign Minister of Caldria" URGENT ON INSTRUCTIONS OF "the Government" IN fr:
> Le Gouvernement de la Halvie estime que le Gouvernement de la Caldrie devrait déclarer aujourd’hui même que le pont de l’Aune restera ouvert aux convois médicaux.

3. (S) Her deputy can be reached at +00 555 0142.

4. (C) ACTION 2 REPORT BY 241200Z NOV 26: fulfilment, and any reply.

SIGNED: MINISTER
"""
PROBLEM = v.ProblemView(
    "line 17, column 4",
    "Paragraph 3 is marked above the cable.",
    "It is (S), the cable is CONFIDENTIAL. Raise the cable to SECRET, or lower the paragraph.",
    "tx",
)
DOUBT = v.ProblemView(
    "paragraph 3", "A telephone number.", "Personal data. Keep it if it is needed.", "tx", error=False
)


def compose(good: bool = False) -> v.ComposeView:
    return v.ComposeView(
        "#",
        DRAFT,
        "0" * 64,
        () if good else (PROBLEM, DOUBT),
        at(21, 8),
        "Karin Lind",
        "#",
    )


def release(refusal: str = "") -> v.ReleaseView:
    return v.ReleaseView(
        cable=cable(mrn="26 CAPITAL, next number", dtg="time of release", foot=()),
        text=DRAFT,
        url="#",
        draft_url="#",
        version="0" * 64,
        roles=(v.ChoiceView("MINISTER", "MINISTER", True),),
        audience=(
            v.AudienceView("PORT SORELL", "Action. Ceiling SECRET."),
            v.AudienceView("VALMERE", "Action. Ceiling CONFIDENTIAL.", "It may not receive SECRET."),
            v.AudienceView("CAPITAL", "HEAD OF POST and whoever drafted it."),
        ),
        problems=(DOUBT,),
        refusal=refusal,
        post="CAPITAL",
    )


def piece(value: str) -> tuple[v.Insertion, ...]:
    return (v.Insertion("text", value),)


CITATION = (
    "“Telegram from the Foreign Minister of Halvia to the Ambassador in Caldria, Lindqvist,” March 14, 1961, "
    "Halvia River Archive, Foreign Policy Archive of Halvia, Vernes; copy obtained by the River Broadcasting "
    "Service, provided to the Aune History Project, and on file at the University of Port Sorell; translation "
    "by J. Ilves."
)


def record(**more: Any) -> v.RecordView:
    pairs = (
        v.PairView(
            piece(
                "Vous devez rencontrer d’urgence le Premier ministre et, en vous référant aux instructions du "
                "Gouvernement, lui dire ce qui suit :"
            ),
            piece(
                "You are to meet the Prime Minister without delay and, quoting instructions of the Government, "
                "tell him the following:"
            ),
        ),
        v.PairView(
            piece(
                "« Nous tenons à Vernes pour acquis que le pont restera ouvert, et que la crue ne servira de "
                "prétexte à personne. »"
            ),
            (
                v.Insertion(
                    "text",
                    "“In Vernes it is taken as settled that the bridge stays open, and that the flood shall "
                    "serve as a pretext for nobody.”",
                ),
                v.Insertion("note", "", 1),
            ),
        ),
        v.PairView(
            piece("Informez Héron de notre démarche. Rendez compte par télégramme."),
            (
                v.Insertion("text", "You should inform Heron "),
                v.Insertion("identity", "[cover name of Colonel T. Aaske, engineer of the river forces]"),
                v.Insertion("text", " of our step. Wire the report on these instructions."),
            ),
        ),
        v.PairView(piece("H. VEIDE"), piece("H. VEIDE")),
    )
    values: dict[str, Any] = {
        "title": "Telegram from the Foreign Minister of Halvia to the Ambassador in Caldria, Lindqvist",
        "date": "March 14, 1961",
        "summary": "The Minister asks the Ambassador to read a statement on the Aune bridge to the Prime Minister "
        "of Caldria, and to tell “Heron” of it.",
        "summary_by": "Summary by E. Sand, archivist, 2 May 2019; not part of the document",
        "label": label("UNCLASSIFIED"),
        "proof": v.StateView("Attested", "half"),
        "proof_about": "attested, not signed by its author",
        "proof_text": "The archive of CAPITAL states that it was given this text by the University of Port Sorell "
        "on 2 May 2019. Nobody’s signature shows that the Minister wrote it.",
        "citation": CITATION,
        "address": "https://cables.mfa.halvia.example/records/1961-85-9f21",
        "original_language": "fr",
        "original_name": "Original, French",
        "translation_language": "en",
        "translation_name": "Translation, English (1996)",
        "translator": "J. Ilves",
        "pairs": pairs,
        "notes": (
            v.RecordNote(
                1,
                "The wording leaves open what Halvia would do if the bridge were closed. The Ambassador’s answer of "
                "15 March asks exactly this; see his telegram 61 CALDRIA 88.",
                "E. Sand, 2019.",
            ),
        ),
        "custody": (
            v.CustodyView("Foreign Policy Archive of Halvia, Vernes", "original, fonds 12, file 4"),
            v.CustodyView("River Broadcasting Service", "copy obtained"),
            v.CustodyView("Aune History Project", "provided with the copy"),
            v.CustodyView("University of Port Sorell", "on file", True),
        ),
        "describes": (v.FactView("Language", "French"), v.FactView("Translator", "J. Ilves")),
        "thread": (
            v.ThreadView("61 CALDRIA 85", "asked", "#"),
            v.ThreadView("61 CALDRIA 88", "reported", "#"),
        ),
        "evidence_url": "#",
    }
    return v.RecordView(**{**values, **more})


def translated_only() -> v.RecordView:
    pairs = tuple(v.PairView((), pair.translation) for pair in record().pairs)
    return record(
        pairs=pairs,
        original_name="",
        proposals=(
            v.ProposalView(
                1,
                "Deliver verbatim",
                "the Prime Minister; the words of 1 paragraphs",
                v.StateView("Proposed", "wait"),
                (v.ActView("Confirm", "#", post=True), v.ActView("Reject", "#", post=True)),
            ),
            v.ProposalView(2, "Inform", "Heron", v.StateView("Confirmed", "half")),
        ),
        doubts=("Note 2 has no anchor in the text.",),
    )


def records() -> tuple[v.RecordItem, ...]:
    origin = v.StateView("Signed by CAPITAL", "done")
    return (
        v.RecordItem(
            "#",
            "Passage of medical convoys over the Aune bridge",
            "en",
            "23 Nov 2026",
            "26 CAPITAL 417",
            label("SECRET", "EYES ONLY"),
            origin,
        ),
        v.RecordItem(
            "#",
            record().title,
            "en",
            "March 14, 1961",
            "",
            label("UNCLASSIFIED"),
            v.StateView("Attested", "half"),
        ),
    )


def verify(good: bool = True) -> v.VerifyView:
    proved = (
        v.VerdictLine(
            v.StateView("Author", "done"),
            "Signed by the release key of CAPITAL on 23 November 2026, while that key was good.",
        ),
        v.VerdictLine(v.StateView("Text", "done"), "All 4 paragraphs are letter for letter as signed."),
        v.VerdictLine(
            v.StateView("Register", "done"),
            "It is entry 9127 of PORT SORELL’s register, whose head is signed.",
        ),
    )
    unproved = (
        v.VerdictLine(v.StateView("Truth", "stop"), "That what it says is so."),
        v.VerdictLine(
            v.StateView("Reading", "stop"), "That anybody read it: a receipt is made by a machine."
        ),
    )
    failed = (v.VerdictLine(v.StateView("Text", "late"), "The signature fits no text that is here."),)
    return v.VerifyView(
        "This is what CAPITAL signed" if good else "Altered. Do not use it.",
        "Checked on this machine, 23 November 2026, 21:14Z, without asking anyone",
        good,
        proved if good else (),
        unproved,
        () if good else failed,
        (v.FactView("Digest", DIGEST, True), v.FactView("Algorithms", "ES256; SHA-256; SD-JWT, RFC 9901")),
        "#",
        "26 CAPITAL 417",
    )


def watch(words: Words = WORDS) -> v.WatchView:
    return v.WatchView(
        (
            v.TroubleView(
                v.StateView("Line down", "late"),
                "VALMERE, since 20:12Z",
                ("3 cables wait, 1 IMMEDIATE", "7 tries, next 21:14Z", "their server does not answer"),
            ),
            v.TroubleView(
                v.StateView(words("held"), "soon"),
                "From GENEVA, signed with a key we do not have yet",
                ("tried again by itself when their card comes",),
            ),
        ),
        (
            v.LineRow("VALMERE", v.StateView("Down", "late"), "SMTP", "1 O, 2 R", "20:09Z", "20:11Z"),
            v.LineRow("CAPITAL", v.StateView("Up", "on"), "SMTP", "none", "21:05Z", "21:02Z"),
        ),
        (
            v.QueueRow(
                prec("IMMEDIATE"),
                "26 PORT SORELL 1030",
                "VALMERE",
                "881",
                "57 min",
                "tried again 21:14Z",
                "#",
            ),
            v.QueueRow(prec("ROUTINE"), "26 PORT SORELL 1027", "VALMERE", "879", "1 h 40 min", "after 881"),
        ),
        (
            v.FactView("Entries", "9127"),
            v.FactView("Newest signed head", "9127, 21:08Z"),
            v.FactView("Root", DIGEST, True),
        ),
    )


def draft_items() -> tuple[v.DraftItem, ...]:
    return (
        v.DraftItem(
            "#",
            "Report on 26 CAPITAL 417",
            "en",
            label("SECRET", "EYES ONLY"),
            prec("IMMEDIATE"),
            "Report",
            at(21, 2),
            "Ana Ferrer",
            v.StateView("Draft", "half"),
        ),
    )


def sheet(large: bool = False, arabic: bool = False) -> v.SheetPage:
    words = the_words(ARABIC, "ar", "Arabic") if arabic else the_words()
    return v.SheetPage(
        "#",
        "#",
        large,
        "To be delivered verbatim to the Foreign Minister of Caldria.",
        "26 CAPITAL 417",
        1,
        words,
        (v.WordsView(ENGLISH, "en", "English", False, True),),
        "7f3a 91c2 0be4",
        "CAPITAL",
    )


def posts() -> tuple[v.PostChoice, ...]:
    return (
        v.PostChoice("#", "PORT SORELL", "Ministry of Foreign Affairs of Halvia", "SECOND SECRETARY", 4),
        v.PostChoice("#", "VALMERE", "Ministry of Foreign Affairs of Halvia", "DESK OFFICER", 0),
    )


def arabic_cable() -> v.CableView:
    first = v.ParagraphView(
        1,
        "S",
        "SECRET",
        (
            text(
                "تلقينا تقريركم (المرجع أ) عن إغلاق الجسر في 25 نوفمبر. وقد تقاطع مع رسالة الرئيس الصادرة اليوم.",
                "ar",
            ),
        ),
    )
    second = replace(cable().paragraphs[1], words=the_words(ARABIC, "ar", "Arabic"))
    return cable(
        subject="مرور القوافل الطبية فوق جسر الأون",
        language="ar",
        paragraphs=(first, second),
        signed_as="الوزير",
    )


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Every page by name: its template and its context."""
    caption = v.MarkView(label("SECRET", "EYES ONLY"))
    print_url = "/print.css"
    cable_frame = frame("inbox", bands=(FLASH_BAND,), print_url=print_url)
    cable_frame = replace(cable_frame, mark=caption)
    plain_frame = frame(words=PLAIN, mark="RESTRICTED", post="KARU", post_about="Open Hand Relief")
    draft_mark = v.MarkView(label("SECRET"), draft=True)
    door = v.PageView(WORDS, now=NOW)
    return {
        "sign-in": (
            "sign_in",
            {
                "page": door,
                "organisation": "Ministry of Foreign Affairs of Halvia",
                "posts": "PORT SORELL",
                "action": "#",
            },
        ),
        "sign-in-refused": (
            "sign_in",
            {
                "page": door,
                "organisation": "Ministry of Foreign Affairs of Halvia",
                "posts": "PORT SORELL",
                "action": "#",
                "name": "ferrer",
                "refusal": "Name and passphrase do not fit together. Check both; capitals count.",
            },
        ),
        "absent": ("absent", {"page": door}),
        "posts": (
            "posts",
            {
                "page": replace(
                    frame(""),
                    rooms=(),
                    post="Cableroom",
                    post_about="",
                    mark=v.MarkView(label("UNCLASSIFIED")),
                ),
                "view": posts(),
            },
        ),
        "inbox": (
            "inbox",
            {
                "page": replace(frame(), flash_title=WORDS("flash_waiting", n=1)),
                "view": inbox(),
                "new_url": "#",
            },
        ),
        "inbox-plain": ("inbox", {"page": plain_frame, "view": inbox(PLAIN), "new_url": "#"}),
        "inbox-empty": (
            "inbox",
            {
                "page": frame(mark="UNCLASSIFIED"),
                "view": v.InboxView((), (), NOW, "Last cable: 19:02Z, from NEW YORK."),
                "new_url": "#",
            },
        ),
        "cable": ("cable", {"page": cable_frame, "view": cable_page()}),
        "cable-plain": (
            "cable",
            {"page": replace(plain_frame, print_url=print_url), "view": cable_page(PLAIN)},
        ),
        "cable-decide": ("cable", {"page": frame("tasks"), "view": decide_page()}),
        "cable-exercise": (
            "cable",
            {
                "page": replace(frame(bands=(EXERCISE_BAND,)), mark=replace(caption, exercise="EXERCISE")),
                "view": cable_page(),
            },
        ),
        "cable-ar": ("cable", {"page": cable_frame, "view": cable_page(cable=arabic_cable())}),
        "evidence": (
            "evidence",
            {
                "page": cable_frame,
                "evidence": evidence(),
                "mrn": "26 CAPITAL 417",
                "subject": cable().subject,
                "cable_url": "#",
                "verify_url": "#",
            },
        ),
        "words": (
            "sheet",
            {"page": replace(frame(), mark=caption, plain_sheet=True, print_url=print_url), "view": sheet()},
        ),
        "words-large": (
            "sheet",
            {
                "page": replace(frame(), mark=caption, plain_sheet=True, print_url=print_url),
                "view": sheet(True),
            },
        ),
        "words-ar": (
            "sheet",
            {"page": replace(frame(), mark=caption, plain_sheet=True), "view": sheet(False, True)},
        ),
        "flash": (
            "flash",
            {
                "page": replace(
                    frame(mark="CONFIDENTIAL"),
                    plain_sheet=True,
                    rooms=(),
                    flash_title=WORDS("flash_waiting", n=1),
                ),
                "view": FLASH_ITEM,
                "go_on": "#",
            },
        ),
        "board": ("board", {"page": frame("board"), "view": board()}),
        "board-empty": (
            "board",
            {"page": frame("board", mark="UNCLASSIFIED"), "view": v.BoardView((), 0, 0, 0)},
        ),
        "tasks": ("tasks", {"page": frame("tasks"), "view": tasks()}),
        "tasks-assign": ("tasks", {"page": frame("tasks"), "view": tasks(False)}),
        "drafts": ("drafts", {"page": frame("drafts"), "view": draft_items(), "new_url": "#"}),
        "compose": (
            "compose",
            {"page": replace(frame("drafts"), mark=draft_mark), "view": compose(), "sample": DRAFT},
        ),
        "compose-good": (
            "compose",
            {"page": replace(frame("drafts"), mark=draft_mark), "view": compose(True), "sample": DRAFT},
        ),
        "release": ("release", {"page": replace(frame("drafts"), mark=draft_mark), "view": release()}),
        "release-refused": (
            "release",
            {
                "page": replace(frame("drafts"), mark=draft_mark),
                "view": release("The passphrase does not fit. Nothing was sent and no number was used."),
            },
        ),
        "records": ("records", {"page": frame("records"), "view": records()}),
        "record": (
            "record",
            {"page": frame("records", mark="UNCLASSIFIED", print_url="/print.css"), "view": record()},
        ),
        "record-translation": (
            "record",
            {"page": frame("records", mark="UNCLASSIFIED"), "view": translated_only()},
        ),
        "record-cable": (
            "record",
            {
                "page": frame("records"),
                "view": record(
                    cable=cable(),
                    pairs=(),
                    notes=(),
                    custody=(),
                    title=cable().subject,
                    date="23 November 2026",
                    summary="",
                    proof=v.StateView("Signed by CAPITAL", "done"),
                    proof_about="of origin, signed by its post",
                    proof_text="The release key of CAPITAL signed it.",
                    cable_url="#",
                ),
            },
        ),
        "verify": ("verify", {"page": frame(), "view": verify()}),
        "verify-altered": ("verify", {"page": frame(), "view": verify(False)}),
        "watch": ("watch", {"page": frame("watch", mark="CONFIDENTIAL"), "view": watch()}),
        "refused": (
            "refused",
            {
                "page": door,
                "sentence": "The form was too old to be used.",
                "do": "Go back, load the page again and press the button once more. Nothing was changed.",
                "back": "/",
            },
        ),
    }
