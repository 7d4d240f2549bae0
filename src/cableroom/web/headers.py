"""What every answer says to the browser: where things may come from, and that nothing is to be kept."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No page needs more: no inline style or script, nothing from elsewhere."""

FILE_POLICY = "default-src 'none'; sandbox"
"""For files that came with cables: whatever a browser makes of them, they can do nothing."""

_COMPRESSED = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")


class SafeHeaders:
    """Sets the content security policy, and keeps what is read here out of caches and indexes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        return response


class Compress(GZipMiddleware):
    """Compresses our own style sheet and script. Never a page: the length of a compressed one can tell what is in it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        ours = request.path.startswith(settings.STATIC_URL)
        if not ours or not response.headers.get("Content-Type", "").startswith(_COMPRESSED):
            return response
        return super().process_response(request, response)


class Assets(WhiteNoiseMiddleware):
    """Style sheet, script and fonts, each sent whole: under ASGI a file must not be streamed piece by piece."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        body = b""
        if found.file is not None:
            with found.file as file:
                body = file.read()
        response = HttpResponse(body, status=found.status)
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
