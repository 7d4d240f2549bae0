"""Sentences of pages that the two word lists say differently: the same keys in both, complete.

The single words stand in `cableroom.directory.words`; these are what pages say with them.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

_Pair = tuple[Promise, Promise]

FRAME: dict[str, _Pair] = {
    "this_post": (pgettext_lazy("diplomatic", "(this post)"), pgettext_lazy("plain", "(this office)")),
    "your_posts": (pgettext_lazy("diplomatic", "Your posts"), pgettext_lazy("plain", "Your offices")),
    "no_post": (
        pgettext_lazy("diplomatic", "You hold no role at any post."),
        pgettext_lazy("plain", "You have no place in any office yet."),
    ),
    "sign_in_note": (
        pgettext_lazy(
            "diplomatic",
            "This system may hold classified cables. Locked out? Ring the watch at your post.",
        ),
        pgettext_lazy(
            "plain", "This system may hold confidential messages. Locked out? Ring your headquarters."
        ),
    ),
    "no_such_cable": (
        pgettext_lazy("diplomatic", "No such cable, or not for you to read"),
        pgettext_lazy("plain", "No such message, or not for you to read"),
    ),
    "no_such_cable_do": (
        pgettext_lazy("diplomatic", "Check the number. If you should see it, ask the registry of your post."),
        pgettext_lazy("plain", "Check the number. If you should see it, ask who keeps your office’s files."),
    ),
    "flash_waiting": (
        pgettext_lazy("diplomatic", "FLASH waiting (%(n)s)"),
        pgettext_lazy("plain", "Emergency waiting (%(n)s)"),
    ),
    "for_post": (pgettext_lazy("diplomatic", "for %(post)s"), pgettext_lazy("plain", "for %(post)s")),
    "exercise_band": (
        pgettext_lazy("diplomatic", "EXERCISE %(name)s. Nothing here is real."),
        pgettext_lazy("plain", "EXERCISE %(name)s. Nothing here is real."),
    ),
    "drill_band": (
        pgettext_lazy("diplomatic", "DRILL %(name)s. Act as if it were real; tell no one outside."),
        pgettext_lazy("plain", "DRILL %(name)s. Act as if it were real; tell no one outside."),
    ),
}

CABLE: dict[str, _Pair] = {
    "what_this_asks": (
        pgettext_lazy("diplomatic", "What this asks of %(post)s"),
        pgettext_lazy("plain", "What this asks of %(post)s"),
    ),
    "what_this_asks_of_others": (
        pgettext_lazy("diplomatic", "What this asks of others"),
        pgettext_lazy("plain", "What this asks of others"),
    ),
    "answer_by_cable": (
        pgettext_lazy("diplomatic", "Answer by cable"),
        pgettext_lazy("plain", "Answer by a message"),
    ),
    "open_the_cable": (
        pgettext_lazy("diplomatic", "Open the cable"),
        pgettext_lazy("plain", "Open the message"),
    ),
    "with_this_cable": (
        pgettext_lazy("diplomatic", "With this cable"),
        pgettext_lazy("plain", "With this message"),
    ),
    "back_to_the_cable": (
        pgettext_lazy("diplomatic", "Back to the cable"),
        pgettext_lazy("plain", "Back to the message"),
    ),
    "how_it_came_here": (
        pgettext_lazy("diplomatic", "How it came here"),
        pgettext_lazy("plain", "How it came here"),
    ),
    "how_it_went_to": (
        pgettext_lazy("diplomatic", "How it went to %(post)s"),
        pgettext_lazy("plain", "How it went to %(post)s"),
    ),
    "this_cable": (pgettext_lazy("diplomatic", "this cable"), pgettext_lazy("plain", "this message")),
    "record_and_citation": (
        pgettext_lazy("diplomatic", "Record and citation"),
        pgettext_lazy("plain", "Archive and how to quote it"),
    ),
    "to_deliver": (
        pgettext_lazy("diplomatic", "To be delivered verbatim to %(target)s."),
        pgettext_lazy("plain", "To be said word for word to %(target)s."),
    ),
    "to_deliver_points": (
        pgettext_lazy("diplomatic", "To be delivered as talking points to %(target)s."),
        pgettext_lazy("plain", "To be said in your own words to %(target)s."),
    ),
    "instruction_lower": (
        pgettext_lazy("diplomatic", "instruction %(no)s"),
        pgettext_lazy("plain", "request %(no)s"),
    ),
    "cleared_by": (pgettext_lazy("diplomatic", "cleared by"), pgettext_lazy("plain", "agreed by")),
    "released_by": (pgettext_lazy("diplomatic", "released by"), pgettext_lazy("plain", "sent by")),
    "on_instructions_of": (
        pgettext_lazy("diplomatic", "on instructions of %(authority)s"),
        pgettext_lazy("plain", "on behalf of %(authority)s"),
    ),
    "outcome_of": (
        pgettext_lazy("diplomatic", "Outcome of %(letter)s, instruction %(no)s"),
        pgettext_lazy("plain", "Answer to %(letter)s, request %(no)s"),
    ),
    "letter_for_letter": (
        pgettext_lazy("diplomatic", "The words are, letter for letter, what %(post)s signed."),
        pgettext_lazy("plain", "The words are, letter for letter, what %(post)s signed."),
    ),
    "taking_up_tells": (
        pgettext_lazy(
            "diplomatic",
            "Taking it up tells %(post)s that a person here acts on it. It does not say that it is done.",
        ),
        pgettext_lazy(
            "plain",
            "Taking it tells %(post)s that a person here acts on it. It does not say that it is done.",
        ),
    ),
    "flash_stays": (
        pgettext_lazy("diplomatic", "FLASH stays at the top of every page until somebody has taken it up."),
        pgettext_lazy("plain", "It stays at the top of every page until somebody has taken it."),
    ),
    "nobody_took_it": (
        pgettext_lazy("diplomatic", "Nobody here has taken it up"),
        pgettext_lazy("plain", "Nobody here has answered yet"),
    ),
    "received_ago": (
        pgettext_lazy("diplomatic", "received %(ago)s ago"),
        pgettext_lazy("plain", "arrived %(ago)s ago"),
    ),
    "last_sent": (
        pgettext_lazy("diplomatic", "Last released: %(mrn)s, %(when)s."),
        pgettext_lazy("plain", "Last sent: %(mrn)s, %(when)s."),
    ),
    "released_step": (pgettext_lazy("diplomatic", "Released"), pgettext_lazy("plain", "Sent")),
    "accepted_by": (
        pgettext_lazy("diplomatic", "Accepted by %(post)s"),
        pgettext_lazy("plain", "Accepted by %(post)s"),
    ),
    "taken_up": (
        pgettext_lazy(
            "diplomatic", "Taken up for %(post)s. Its originator is told that a person here acts on it."
        ),
        pgettext_lazy("plain", "Taken for %(post)s. Who asked is told that a person here acts on it."),
    ),
    "noted": (
        pgettext_lazy("diplomatic", "Noted. The report is drafted from the notes when you press Report."),
        pgettext_lazy("plain", "Noted. The answer is written from the notes when you press Answer."),
    ),
    "report_drafted": (
        pgettext_lazy("diplomatic", "The report was drafted from the notes. Read it, change it, release it."),
        pgettext_lazy("plain", "The answer was written from the notes. Read it, change it, send it."),
    ),
    "one_instruction": (
        pgettext_lazy("diplomatic", "one instruction, open"),
        pgettext_lazy("plain", "one request, open"),
    ),
    "n_of_instructions": (
        pgettext_lazy("diplomatic", "%(open)s of %(n)s instructions open"),
        pgettext_lazy("plain", "%(open)s of %(n)s requests open"),
    ),
    "taken_up_by": (
        pgettext_lazy("diplomatic", "Taken up by %(who)s"),
        pgettext_lazy("plain", "%(who)s has it"),
    ),
}

ASKED: dict[str, _Pair] = {
    "accept_or_return": (
        pgettext_lazy("diplomatic", "Accept or return (%(n)s)"),
        pgettext_lazy("plain", "Accept or send back (%(n)s)"),
    ),
    "overdue_heading": (pgettext_lazy("diplomatic", "Overdue"), pgettext_lazy("plain", "Late")),
    "cancelled": (pgettext_lazy("diplomatic", "Cancelled"), pgettext_lazy("plain", "Taken back")),
    "superseded": (pgettext_lazy("diplomatic", "Superseded"), pgettext_lazy("plain", "Replaced")),
    "noted_as": (
        pgettext_lazy("diplomatic", "Noted as %(result)s, not reported"),
        pgettext_lazy("plain", "Noted as %(result)s, not answered"),
    ),
    "waits_to_be_taken_up": (
        pgettext_lazy("diplomatic", "Nobody has taken it up"),
        pgettext_lazy("plain", "Nobody has it yet"),
    ),
    "done_not_reported": (
        pgettext_lazy("diplomatic", "Done here, not yet reported"),
        pgettext_lazy("plain", "Done here, not yet answered"),
    ),
    "waits_for": (
        pgettext_lazy("diplomatic", "Reported, %(post)s decides"),
        pgettext_lazy("plain", "Answered, %(post)s decides"),
    ),
    "filter_board": (
        pgettext_lazy("diplomatic", "Number, post or word"),
        pgettext_lazy("plain", "Number, office or word"),
    ),
    "board_empty": (
        pgettext_lazy("diplomatic", "What this post asks of others stands here until it is accepted."),
        pgettext_lazy("plain", "What this office asks of others stands here until it is accepted."),
    ),
    "six_steps": (
        pgettext_lazy(
            "diplomatic",
            "The six steps: released, handed over, receipted, acknowledged, reported, accepted. The state in "
            "each cell opens its evidence.",
        ),
        pgettext_lazy(
            "plain",
            "The six steps: sent, delivered to the line, arrived, someone has it, answered, accepted. The "
            "state in each cell opens its proof.",
        ),
    ),
    "notes_stay": (
        pgettext_lazy("diplomatic", "Notes stay at this post. Only the report goes to %(post)s."),
        pgettext_lazy("plain", "Notes stay in this office. Only the answer goes to %(post)s."),
    ),
    "assigning_adds": (
        pgettext_lazy("diplomatic", "Whoever is assigned may read the cable, if cleared for it."),
        pgettext_lazy("plain", "Whoever gets it may read the message, if allowed to see its level."),
    ),
    "tasks_go_on": (
        pgettext_lazy(
            "diplomatic",
            "Take up, assign, note what was done, then report: the report is drafted from the notes. A task is "
            "closed when its originator has accepted the report.",
        ),
        pgettext_lazy(
            "plain",
            "Take it, give it to somebody, note what was done, then answer: the answer is written from the "
            "notes. A request is closed when who asked has accepted the answer.",
        ),
    ),
}

WRITING: dict[str, _Pair] = {
    "new_draft": (pgettext_lazy("diplomatic", "New draft"), pgettext_lazy("plain", "New message")),
    "kind_report": (pgettext_lazy("diplomatic", "Report"), pgettext_lazy("plain", "Answer")),
    "begin_a_draft": (
        pgettext_lazy("diplomatic", "Begin a cable with New draft, or a report from the task."),
        pgettext_lazy("plain", "Begin with New message, or answer a request."),
    ),
    "draft_hint": (
        pgettext_lazy("diplomatic", "Number, date and release lines come at release."),
        pgettext_lazy("plain", "Number, date and the last lines come when it is sent."),
    ),
    "to_release": (
        pgettext_lazy("diplomatic", "Save, then to release"),
        pgettext_lazy("plain", "Save, then send"),
    ),
    "before_release": (
        pgettext_lazy("diplomatic", "Before release"),
        pgettext_lazy("plain", "Before it is sent"),
    ),
    "how_written": (
        pgettext_lazy(
            "diplomatic",
            "Heading lines first, an empty line, then numbered paragraphs. A paragraph that begins with ACTION "
            "gives an instruction; lines that begin with > are words to deliver.",
        ),
        pgettext_lazy(
            "plain",
            "Heading lines first, an empty line, then numbered paragraphs. A paragraph that begins with ACTION "
            "asks for something; lines that begin with > are words to say.",
        ),
    ),
    "this_is_signed": (
        pgettext_lazy("diplomatic", "Exactly this is signed; number and time come with the signature"),
        pgettext_lazy("plain", "Exactly this is signed; number and time come with the signature"),
    ),
    "release_for": (
        pgettext_lazy("diplomatic", "Release for %(post)s"),
        pgettext_lazy("plain", "Send for %(post)s"),
    ),
    "release_and_sign": (
        pgettext_lazy("diplomatic", "Release and sign for %(post)s"),
        pgettext_lazy("plain", "Send and sign for %(post)s"),
    ),
    "passphrase_opens": (
        pgettext_lazy("diplomatic", "It opens the release key of %(post)s for this one cable."),
        pgettext_lazy("plain", "It opens the office key of %(post)s for this one message."),
    ),
    "release_is_final": (
        pgettext_lazy("diplomatic", "What is released is never changed. A correction is a cable of its own."),
        pgettext_lazy("plain", "What is sent is never changed. A correction is a message of its own."),
    ),
    "released_as": (
        pgettext_lazy("diplomatic", "Released as %(mrn)s."),
        pgettext_lazy("plain", "Sent as %(mrn)s."),
    ),
    "not_released": (
        pgettext_lazy("diplomatic", "Not released."),
        pgettext_lazy("plain", "Not sent."),
    ),
    "nothing_was_sent": (
        pgettext_lazy("diplomatic", "Nothing was sent and no number was used."),
        pgettext_lazy("plain", "Nothing was sent and no number was used."),
    ),
}

KEPT: dict[str, _Pair] = {
    "records_are": (
        pgettext_lazy("diplomatic", "Every cable released or received, and what was imported"),
        pgettext_lazy("plain", "Every message sent or received, and what was imported"),
    ),
    "records_come": (
        pgettext_lazy("diplomatic", "Every cable that is released or received becomes a record by itself."),
        pgettext_lazy("plain", "Every message that is sent or received is kept here by itself."),
    ),
    "read_out": (
        pgettext_lazy("diplomatic", "Instructions read out of it"),
        pgettext_lazy("plain", "Requests read out of it"),
    ),
    "proposals": (
        pgettext_lazy(
            "diplomatic", "Proposed by the reader of the text form; a person has not confirmed them."
        ),
        pgettext_lazy("plain", "Proposed by the reader of the text; a person has not confirmed them."),
    ),
    "of_origin": (
        pgettext_lazy("diplomatic", "Signed by %(post)s"),
        pgettext_lazy("plain", "Signed by %(post)s"),
    ),
    "signed_by_its_author": (
        pgettext_lazy("diplomatic", "of origin, signed by its post"),
        pgettext_lazy("plain", "signed by its office"),
    ),
    "not_signed_by_its_author": (
        pgettext_lazy("diplomatic", "attested, not signed by its author"),
        pgettext_lazy("plain", "confirmed, not signed by its author"),
    ),
}

TRAVEL: dict[str, _Pair] = {
    "watch_is": (
        pgettext_lazy("diplomatic", "Lines, legs still to travel, and what is held"),
        pgettext_lazy("plain", "Connections, what still has to go, and what waits for something"),
    ),
    "lines": (pgettext_lazy("diplomatic", "Lines"), pgettext_lazy("plain", "Connections")),
    "lines_by_post": (
        pgettext_lazy("diplomatic", "Lines by post"),
        pgettext_lazy("plain", "Connections by office"),
    ),
    "n_posts": (pgettext_lazy("diplomatic", "%(n)s posts"), pgettext_lazy("plain", "%(n)s offices")),
    "legs_to_travel": (
        pgettext_lazy("diplomatic", "Legs still to travel"),
        pgettext_lazy("plain", "Deliveries still to go"),
    ),
    "queue_about": (
        pgettext_lazy("diplomatic", "%(n)s legs, in the order in which they go"),
        pgettext_lazy("plain", "%(n)s deliveries, in the order in which they go"),
    ),
    "channel": (pgettext_lazy("diplomatic", "Channel"), pgettext_lazy("plain", "Delivery")),
}

SENTENCES: dict[str, _Pair] = {**FRAME, **CABLE, **ASKED, **WRITING, **KEPT, **TRAVEL}
