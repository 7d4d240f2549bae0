"""The print stylesheet of working pages: marked, and said to be no record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from cableroom.cable.reference import print_dtg
from cableroom.register import ledger
from cableroom.web import printing
from cableroom.web.desk import signed_in
from cableroom.web.viewing import PrintView

LONGEST_MARK = 300


@require_safe
@signed_in
def working(request: HttpRequest) -> HttpResponse:
    """The mark is what the page itself says it is; anything else could only mislead who asks."""
    printed = gettext("printed %(dtg)s") % {"dtg": print_dtg(ledger.now())}
    mark = request.GET.get("mark", "")[:LONGEST_MARK]
    view = PrintView(mark, gettext("Working page, not a record"), "", printed)
    return stylesheet(view)


def stylesheet(view: PrintView) -> HttpResponse:
    return HttpResponse(printing.stylesheet(view), content_type="text/css; charset=utf-8")
