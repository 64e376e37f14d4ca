"""Words for a request that its writer sees no longer: moved to another desk, for instance, while they were typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.tickets.drafts import TYPED
from otklik.tickets.models import Draft

# The URL names of composers, and the kind of draft that their text becomes.
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
    """Return a 404 page that gives posted text back to the writer, or None if no text was posted.

    For a ticket that the reader may not see or that does not exist; the page does not tell which.
    """
    kind = COMPOSERS.get(request.resolver_match.url_name or "", "") if request.resolver_match else ""
    if request.method != "POST" or not kind:
        return None
    texts = [typed for name in TYPED[kind] if (typed := request.POST.get(name, "").strip())]
    context = {"words": texts, "files": bool(request.FILES)}
    return render(request, "workspace/lost_words.html", context, status=404) if texts else None
