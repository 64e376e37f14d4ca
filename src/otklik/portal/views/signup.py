"""Self-registration, where a desk allows it (AB-24)."""

import time

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from otklik.desks.access import is_signup_open
from otklik.notify.commands.accounts import ask_to_sign_up
from otklik.people.commands.account_activation import UnableToActivate
from otklik.people.commands.signup import address_to_sign_up, finish_sign_up
from otklik.people.models import Person
from otklik.portal.forms.account import NewPasswordForm, SignUpForm
from otklik.portal.password_check import is_check, password_check_response
from otklik.portal.view_access import for_everybody
from otklik.portal.views import forgot_password
from otklik.portal.views.activation import welcome
from otklik.portal.views.login import goal_of
from otklik.portal.views.reset_password import gone

KEY, _GOAL = "sign_up", "sign_up_goal"
TEMPLATE = "portal/signup.html"


@for_everybody("GET", "POST")
def signup(request: HttpRequest) -> HttpResponseBase:
    """Ask for name and address and mail a link; page and timing are the same for known addresses (AB-31).

    `next`: where to go after registering in this browser.
    """
    goal = goal_of(request)
    if request.user.is_authenticated or not is_signup_open():
        query = request.META.get("QUERY_STRING", "")
        return redirect(reverse("account_login") + (f"?{query}" if query else ""))
    if request.method != "POST":
        return render(request, TEMPLATE, {"form": SignUpForm(), "goal": goal})
    begun = time.monotonic()
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, {"form": form, "goal": goal}, status=422)
    if not ratelimit.consume(request, action="signup", key=form.cleaned_data["email"]):
        return render(request, "429.html", status=429)
    request.session[_GOAL] = goal
    ask_to_sign_up(address=form.cleaned_data["email"], name=form.cleaned_data["name"], at=timezone.now())
    time.sleep(max(0.0, begun + forgot_password.SECONDS - time.monotonic()))
    return redirect("account_signup_sent")


@for_everybody("GET")
def sent(request: HttpRequest) -> HttpResponse:
    """Say that a mail was sent: the same page whether or not there is an account."""
    return render(request, "portal/signup_sent.html")


@for_everybody("GET")
def link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Move the secret from the URL into the session (AB-33). Changes nothing, because scanners open links too."""
    try:
        address_to_sign_up(secret=secret, at=timezone.now())
    except UnableToActivate:
        return gone(request)
    request.session[KEY] = secret
    response = redirect("account_signup_finish")
    response["Referrer-Policy"] = "no-referrer"
    return response


@sensitive_post_parameters("password1", "password2")
@for_everybody("GET", "POST")
def finish(request: HttpRequest) -> HttpResponseBase:
    """Set a password, or none (`no_password`), create the account and log in."""
    secret = str(request.session.get(KEY, ""))
    try:
        address = address_to_sign_up(secret=secret, at=timezone.now())
        owner = Person(email=address)
        if is_check(request):
            return password_check_response(request, owner)
        without = "no_password" in request.POST
        form = NewPasswordForm(request.POST if request.method == "POST" and not without else None, user=owner)
        if not without and not form.is_valid():
            context = {"form": form, "address": address}
            return render(request, "portal/signup_finish.html", context, status=422 if form.is_bound else 200)
        password = None if without else form.cleaned_data["password1"]
        person = finish_sign_up(secret=secret, password=password, at=timezone.now())
    except UnableToActivate:
        return gone(request)
    del request.session[KEY]
    goal = str(request.session.pop(_GOAL, "")) or reverse("portal:home")
    response: HttpResponseBase = perform_login(request, person, redirect_url=goal)
    messages.success(request, welcome(address, with_password=not without))
    return response
