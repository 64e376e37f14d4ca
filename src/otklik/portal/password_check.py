"""Validate a password while it is typed, for the page's script."""

from django.http import HttpRequest, JsonResponse

from otklik.core.unicode_nfc import composed
from otklik.people.models import Person
from otklik.people.passwords import LONGEST, troubles


def is_check(request: HttpRequest) -> bool:
    """Whether this POST of a password form only asks; then nothing is changed."""
    return request.method == "POST" and "check" in request.POST


def password_check_response(request: HttpRequest, person: Person) -> JsonResponse:
    """`{"broken": {code: words}}`, in the order of the rules. Looks at the first password alone."""
    typed = request.POST.get("password1", "")[: LONGEST + 1]
    broken: dict[str, str] = {}
    for code, message in troubles(composed(typed), person):
        broken.setdefault(code, message)
    return JsonResponse({"broken": broken})
