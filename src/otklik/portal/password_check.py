"""Validate a password while it is typed, for the page's script."""

from django.http import HttpRequest, JsonResponse

from otklik.core.unicode_nfc import composed
from otklik.people.models import Person
from otklik.people.passwords import LONGEST, troubles


def is_check(request: HttpRequest) -> bool:
    """Return whether this POST of a password form only asks for validation and must change nothing."""
    return request.method == "POST" and "check" in request.POST


def password_check_response(request: HttpRequest, person: Person) -> JsonResponse:
    """Return `{"broken": {code: message}}` for `password1`, in the order of the rules."""
    typed = request.POST.get("password1", "")[: LONGEST + 1]
    broken: dict[str, str] = {}
    for code, message in troubles(composed(typed), person):
        broken.setdefault(code, message)
    return JsonResponse({"broken": broken})
