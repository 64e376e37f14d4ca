"""A form of a page that was sent when the session had ended: after the login its page offers to send it again.

Nothing is done by itself: the page may have changed meanwhile, and whoever sends it sees what it is. For forms that
have no draft. Kept in the browser's new session, for whose session it was, and for nobody else.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

KEY = "unsent_form"
_LONGEST = 300_000
_SECRET = ("password", "secret")


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """`fields`: name and value of each; `words`: what somebody may have written, to be read again."""

    address: str
    fields: list[list[str]]

    @property
    def words(self) -> list[str]:
        """The values that read like words."""
        return [value for _name, value in self.fields if " " in value.strip() or "\n" in value.strip()]


def keep_form(request: HttpRequest, owner: object) -> bool:
    """Remember what was sent, for `owner`; returns whether it was. Forms with files or secrets are not kept, nor what a
    script asks for by itself (htmx): that saves nothing."""
    fields = [[name, str(value)] for name, values in request.POST.lists() for value in values]
    fields = [pair for pair in fields if pair[0] != "csrfmiddlewaretoken"]
    is_secret = any(word in name.lower() for name, _value in fields for word in _SECRET)
    is_long = sum(len(value) for _name, value in fields) > _LONGEST
    if not fields or is_secret or is_long or request.FILES or _by_script(request):
        return False
    form = {"owner": str(owner), "page": request.path, "address": request.get_full_path(), "fields": fields}
    request.session[KEY] = form
    return True


def again(request: HttpRequest, owner: object) -> HttpResponse | None:
    """What to answer instead of the page while an unsent form waits for it; None where none does.

    Another person's is forgotten. Whatever is sent to the page, or the word to drop it, settles it.
    """
    stored: Any = request.session.get(KEY)
    if not isinstance(stored, dict):
        return None
    if stored["owner"] != str(owner):
        del request.session[KEY]
        return None
    if stored["page"] != request.path or _by_script(request):
        return None
    is_look = request.method in {"GET", "HEAD"}
    if is_look and "unsent" not in request.GET:
        form = UnsentForm(stored["address"], stored["fields"])
        return render(request, "otklik/unsent_form.html", {"form": form, "page": request.path})
    del request.session[KEY]
    return redirect(request.path) if is_look else None


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
