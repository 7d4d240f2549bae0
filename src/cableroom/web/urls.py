"""Every address of the pages. Those of a post begin with its name; a record has one for ever."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from cableroom.web.views import (
    acts,
    board,
    cables,
    checking,
    drafts,
    inbox,
    printing,
    records,
    releasing,
    signing,
    tasks,
    watch,
)

of_cable: list[URLPattern | URLResolver] = [
    path("", cables.cable, name="cable"),
    path("print.css", cables.print_css, name="cable-print"),
    path("text", cables.cable_text, name="cable-text"),
    path("proof", cables.proof, name="proof"),
    path("evidence/", cables.every_entry, name="evidence"),
    path("check/", checking.check, name="check"),
    path("files/<int:n>", cables.file, name="file"),
    path("words/<int:no>/", cables.words, name="words"),
    path("words/<int:no>/large/", cables.words, {"large": True}, name="words-large"),
    path("words/<int:no>/text", cables.words_text, name="words-text"),
    path("take-up", acts.take_up, name="take-up"),
    path("assign", acts.assign, name="assign"),
    path("note", acts.note, name="note"),
    path("distribute", acts.distribute, name="distribute"),
    path("report", acts.report, name="report"),
    path("decide", acts.decide, name="decide"),
    path("send-again", watch.send_again, name="send-again"),
]

of_draft: list[URLPattern | URLResolver] = [
    path("", drafts.draft, name="draft"),
    path("save", drafts.save, name="save-draft"),
    path("attach", drafts.attach, name="attach"),
    path("discard", drafts.discard, name="discard"),
    path("release/", releasing.release, name="release"),
]

of_post: list[URLPattern | URLResolver] = [
    path("", inbox.inbox, name="inbox"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("board/", board.board, name="board"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/new/", drafts.new_draft, name="new-draft"),
    path("drafts/new/save", drafts.save, name="save-new"),
    re_path(r"^drafts/(?P<draft>[0-9a-f]{16,32})/", include(of_draft)),
    path("records/", records.record_list, name="records"),
    path("watch/", watch.watch, name="watch"),
    path("watch/try-held", watch.try_held, name="try-held"),
    re_path(r"^cables/(?P<digest>[0-9a-f]{64})/", include(of_cable)),
]

urlpatterns = [
    path("", signing.home, name="home"),
    path("sign-in", signing.sign_in, name="sign-in"),
    path("sign-out", signing.sign_out, name="sign-out"),
    path("posts/", signing.post_list, name="posts"),
    path("posts/<slug:place>/", include(of_post)),
    path("records/<slug:record>", records.record, name="record"),
    path("records/<slug:record>/print.css", records.print_css, name="record-print"),
    path("records/<slug:record>/instructions/<int:no>", records.decide, name="record-decide"),
    path("print.css", printing.working, name="print"),
]
