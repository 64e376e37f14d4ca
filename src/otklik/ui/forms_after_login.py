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
    """A stored form. `fields`: [name, value] pairs."""

    address: str
    fields: list[list[str]]

    @property
    def words(self) -> list[str]:
        """The values that look like text somebody wrote, to be shown."""
        return [value for _name, value in self.fields if " " in value.strip() or "\n" in value.strip()]


def keep_form(request: HttpRequest, owner: object) -> bool:
    """Store the posted form for `owner`; return whether it was stored.

    Not stored are forms with files or secrets, and htmx requests, which save nothing.
    """
    fields = [[name, str(value)] for name, values in request.POST.lists() for value in values]
    fields = [pair for pair in fields if pair[0] != "csrfmiddlewaretoken"]
    is_secret = any(word in name.lower() for name, _value in fields for word in _SECRET)
    is_long = sum(len(value) for _name, value in fields) > _LONGEST
    if not fields or is_secret or is_long or request.FILES or _by_script(request):
        return False
    form = {"owner": str(owner), "page": request.path, "address": request.get_full_path(), "fields": fields}
    request.session[KEY] = form
    return True


def resend_page(request: HttpRequest, owner: object) -> HttpResponse | None:
    """Return the page that offers to send a stored form again, or None if there is none for this page.

    Another person's form is deleted. Any other request to the page, or declining, deletes it too.
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
