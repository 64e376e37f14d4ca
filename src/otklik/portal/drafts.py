"""What somebody typed while their session had ended: kept over the login, shown again in the form (RL-36).

Files are not kept. One draft per browser: the newest.
"""

from django.http import HttpRequest

KEY = "portal_draft"
LONGEST = 20_000
_FIELDS = ("summary", "description", "comment")


def keep(request: HttpRequest, page: str) -> None:
    """Remember the words of this POST for `page`, the address of the page that shows the form."""
    words = {name: request.POST[name][:LONGEST] for name in _FIELDS if request.POST.get(name, "").strip()}
    if words:
        request.session[KEY] = {"page": page, "words": words}


def taken(request: HttpRequest, page: str) -> dict[str, str]:
    """The words kept for this page, once; empty if there are none."""
    draft = request.session.get(KEY)
    if not isinstance(draft, dict) or draft.get("page") != page:
        return {}
    del request.session[KEY]
    words: dict[str, str] = draft["words"]
    return words
