"""The addresses of the gallery: every page of `gallery.py`, in any language, with the program's own headers."""

from __future__ import annotations

import gallery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import translation

from cableroom.web import printing, viewing
from cableroom.web.views.signing import sign_out

handler404 = "cableroom.web.errors.absent"


def page(request: HttpRequest, name: str) -> HttpResponse:
    template, context = gallery.pages()[name]
    with translation.override(request.GET.get("lang", "en")):
        return render(request, f"web/{template}.html", context)


def print_css(request: HttpRequest) -> HttpResponse:
    view = viewing.PrintView("SECRET   EYES ONLY", "26 CAPITAL 417", "231840Z NOV 26", "proof 7f3a 91c2 0be4")
    return HttpResponse(printing.stylesheet(view), content_type="text/css")


urlpatterns = [
    path("print.css", print_css),
    path("sign-out", sign_out, name="sign-out"),
    path("<name>", page),
]
