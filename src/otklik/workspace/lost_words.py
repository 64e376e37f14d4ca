"""Words for a request that its writer sees no longer: moved to another desk, for instance, while they were typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.tickets.drafts import TYPED
from otklik.tickets.models import Draft

# URL names that text is posted to, and the kind of draft that it is kept as.
COMPOSERS = {
    "reply": Draft.Kind.REPLY,
    "note": Draft.Kind.NOTE,
    "ask_approval": Draft.Kind.QUESTION,
    "create": Draft.Kind.CALL,
    "caller": Draft.Kind.CALL,
    "create_fields": Draft.Kind.CALL,
    "edit_message": Draft.Kind.EDIT,
    "forward": Draft.Kind.FORWARD,
}


def words_lost(request: HttpRequest) -> HttpResponse | None:
    """The answer to words that are posted to no request of the reader's: a 404 that gives them back. None where nothing
    was written.

    It says nothing of the request, and reads the same where there is none.
    """
    kind = COMPOSERS.get(request.resolver_match.url_name or "", "") if request.resolver_match else ""
    if request.method != "POST" or not kind:
        return None
    words = [typed for name in TYPED[kind] if (typed := request.POST.get(name, "").strip())]
    context = {"words": words, "files": bool(request.FILES)}
    return render(request, "workspace/lost_words.html", context, status=404) if words else None
