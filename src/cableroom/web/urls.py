"""Every address of the pages. Those of a post begin with its name; a record has one for ever."""

from __future__ import annotations

from django.urls import include, path

from cableroom.web.views import board, inbox, printing, signing, tasks

of_post = [
    path("", inbox.inbox, name="inbox"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("board/", board.board, name="board"),
]

urlpatterns = [
    path("", signing.home, name="home"),
    path("sign-in", signing.sign_in, name="sign-in"),
    path("sign-out", signing.sign_out, name="sign-out"),
    path("posts/", signing.post_list, name="posts"),
    path("posts/<slug:place>/", include(of_post)),
    path("print.css", printing.working, name="print"),
]
