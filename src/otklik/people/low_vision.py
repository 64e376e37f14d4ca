"""Read and store a reader's low-vision settings: in the profile, or in a cookie (core.low_vision)."""

from django.http import HttpRequest, HttpResponse

from otklik.core.low_vision import COOKIE, Sight, unpacked
from otklik.people.models import Person

_YEAR = 365 * 24 * 3600


def sight_of(request: HttpRequest) -> Sight:
    """Return the settings from the person's profile, otherwise from the cookie."""
    user = getattr(request, "user", None)
    sight = user.sight if isinstance(user, Person) else ""
    return unpacked(sight or request.COOKIES.get(COOKIE, ""))


def remember(request: HttpRequest, response: HttpResponse, sight: Sight) -> HttpResponse:
    """Store the settings in a cookie, so that they outlive a logout. Returns the response."""
    response.set_cookie(COOKIE, sight.packed, max_age=_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response
