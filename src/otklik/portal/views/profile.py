"""The reader's profile («О себе») and password."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.commands.profile import change_profile, choose_theme
from otklik.people.models import Person
from otklik.portal.forms.profile import ProfileForm
from otklik.portal.pages.profile import tabs
from otklik.portal.view_access import for_everybody, for_persons, person_of
from otklik.portal.views.language import way_back
from otklik.ui.refusal_words import refusal_words

THEME_COOKIE = "otklik_theme"
YEAR = 365 * 24 * 3600


@for_persons("GET", "POST")
def profile(request: HttpRequest) -> HttpResponseBase:
    """Edit name, language, time zone and theme."""
    person = person_of(request)
    if request.method != "POST":
        return _page(request, ProfileForm(person=person))
    form = ProfileForm(request.POST, person=person)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        change_profile(person=person, at=timezone.now(), **form.cleaned_data)
    except UnableTo as error:
        form.add_error("name", refusal_words(error))
        return _page(request, form, status=422)
    with translation.override(person.chosen_language):
        messages.success(request, _("Your profile is saved."))
    response = redirect("portal:profile")
    _remember_theme(request, response, person.theme)
    return response


@for_everybody("POST")
def theme(request: HttpRequest) -> HttpResponse:
    """Switch to the light, dark or system theme, and return to the page."""
    chosen = request.POST.get("theme", "")
    chosen = chosen if chosen in {"light", "dark"} else ""
    if isinstance(request.user, Person):
        choose_theme(person=request.user, theme=chosen)
    response: HttpResponse = redirect(way_back(request))
    _remember_theme(request, response, chosen)
    return response


def _remember_theme(request: HttpRequest, response: HttpResponse, chosen: str) -> None:
    """Store the theme in a cookie that scripts can read, so that the first paint is right."""
    if chosen:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=False
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")


def _page(request: HttpRequest, form: ProfileForm, status: int = 200) -> HttpResponseBase:
    context = {"person": person_of(request), "form": form, "tabs": tabs("profile")}
    return render(request, "portal/profile.html", context, status=status)
