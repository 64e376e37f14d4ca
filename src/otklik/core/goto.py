"""Where a form leads after it was accepted."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

UPLOAD = "X-Otklik-Upload"
GOTO = "X-Otklik-Goto"


def go_to(request: HttpRequest, place: str) -> HttpResponse:
    """A redirect; for pasting.js, which sends files itself, the same in a header: a script cannot see a redirect's
    fragment, and following it would use up the page's messages. `place` is an address of ours, in ASCII."""
    if request.headers.get(UPLOAD):
        return HttpResponse(status=204, headers={GOTO: place})
    return HttpResponseRedirect(place)
