"""The reader's own profile."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from otklik.core.errors import UnableTo
from otklik.people.commands.profile import change_profile
from otklik.portal.entrance import for_persons, person_of
from otklik.portal.forms.account import ChangePasswordForm
from otklik.portal.forms.profile import ProfileForm
from otklik.portal.refusals import refusal_words


@for_persons("GET", "POST")
def profile(request: HttpRequest) -> HttpResponseBase:
    """Name, language, time zone."""
    person = person_of(request)
    if request.method != "POST":
        return _page(request)
    form = ProfileForm(request.POST, person=person)
    if not form.is_valid():
        return _page(request, profile=form, status=422)
    try:
        change_profile(person=person, at=timezone.now(), **form.cleaned_data)
    except UnableTo as error:
        form.add_error("name", refusal_words(error))
        return _page(request, profile=form, status=422)
    with translation.override(person.chosen_language):
        messages.success(request, _("Your profile is saved."))
    return redirect("portal:profile")


@sensitive_post_parameters("oldpassword", "password1", "password2")
@for_persons("POST")
def password(request: HttpRequest) -> HttpResponseBase:
    """A new password, for whoever types the current one; every other session of this person ends."""
    person = person_of(request)
    if not ratelimit.consume(request, action="change_password", user=person):
        return render(request, "429.html", status=429)
    form = ChangePasswordForm(request.POST, user=person)
    if not form.is_valid():
        return _page(request, password=form, status=422)
    form.save()
    update_session_auth_hash(request, person)
    messages.success(request, _("Your password is changed. Other devices are logged out."))
    return redirect("portal:profile")


def _page(
    request: HttpRequest,
    *,
    profile: ProfileForm | None = None,
    password: ChangePasswordForm | None = None,
    status: int = 200,
) -> HttpResponseBase:
    person = person_of(request)
    context = {
        "person": person,
        "profile": profile or ProfileForm(person=person),
        "password": password or ChangePasswordForm(user=person),
    }
    return render(request, "portal/profile.html", context, status=status)
