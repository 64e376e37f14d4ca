"""What somebody typed while their session had ended: kept over the login, shown again in the form (RL-36).

Files are not kept. One draft per browser: the newest.
"""

import re

from django.http import HttpRequest, QueryDict

KEY = "portal_draft"
LONGEST = 20_000
_FIELDS = re.compile(r"summary|description|comment|customfield_\d{1,18}(:1)?")


def keep(request: HttpRequest, page: str) -> None:
    """Remember the words of this POST for `page`, the address of the page that shows the form."""
    words = {name: values for name, values in typed(request.POST).items() if any(value.strip() for value in values)}
    if words:
        request.session[KEY] = {"page": page, "words": words}


def taken(request: HttpRequest, page: str) -> dict[str, str]:
    """The words kept for this page, once; empty if there are none. Of several values the first."""
    return {name: values[0] for name, values in taken_lists(request, page).items() if values}


def taken_lists(request: HttpRequest, page: str) -> dict[str, list[str]]:
    """The words kept for this page with all values, once."""
    draft = request.session.get(KEY)
    if not isinstance(draft, dict) or draft.get("page") != page:
        return {}
    del request.session[KEY]
    words: dict[str, list[str]] = draft["words"]
    return words


def typed(post: QueryDict) -> dict[str, list[str]]:
    """What was sent in fields of forms, and nothing else."""
    return {
        name: [str(value)[:LONGEST] for value in values] for name, values in post.lists() if _FIELDS.fullmatch(name)
    }
