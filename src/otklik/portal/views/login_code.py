"""Log in by a one-time code sent by mail."""

import time
from typing import Any, cast

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.views import ConfirmLoginCodeView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from otklik.desks.access import worked_desks
from otklik.notify.commands.accounts import tell_no_code
from otklik.people.models import Person
from otklik.portal.forms.account import CodeForm, CodeRequestForm
from otklik.portal.pages.login_wall import login_wall
from otklik.portal.throttle_messages import limits_guesses
from otklik.portal.view_access import for_everybody
from otklik.portal.views import forgot_password
from otklik.portal.views.login import goal_of, newcomer_by

TEMPLATE = "portal/login_code.html"

_allauth_confirm = ConfirmLoginCodeView.as_view(form_class=CodeForm, template_name="portal/login_code_confirm.html")


@for_everybody("GET", "POST")
def request_code(request: HttpRequest) -> HttpResponseBase:
    """Mail a code to the address if it is known; answer and timing are the same if it is not (AB-31).

    `to`: the token of a mailed link, which stands for the address. Staff get a mail that explains why they get no code
    (section 3.4).
    """
    goal = goal_of(request)
    if request.user.is_authenticated:
        return redirect(goal or "home")
    if request.method != "POST":
        return _page(request, goal, CodeRequestForm(), status=200)
    begun = time.monotonic()
    newcomer = newcomer_by(request.POST.get("to", "")) if "to" in request.POST else None
    form = CodeRequestForm({"email": newcomer[0].email} if newcomer else request.POST)
    if newcomer and not form.is_valid():
        # The page must not reveal the address to people who only have the link.
        hint = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _page(request, goal, CodeRequestForm(), hint=hint)
    if not form.is_valid():
        return _page(request, goal, form)
    email, owner = form.cleaned_data["email"], form.owner
    if owner is not None and not may_log_in_by_code(owner):
        tell_no_code(person=owner, address=email, at=timezone.now())
        owner = None
    LoginCodeVerificationProcess.initiate(request=request, user=owner, email=email)
    time.sleep(max(0.0, begun + forgot_password.SECONDS - time.monotonic()))
    query = f"?{urlencode({'next': goal})}" if goal else ""
    return redirect(reverse("account_confirm_login_code") + query)


def may_log_in_by_code(person: Person) -> bool:
    """Return whether a mailed code is sufficient: not for staff and administrators (section 3.4)."""
    return not person.is_admin and not worked_desks(person).exists()


@for_everybody("GET", "POST")
@limits_guesses
def confirm_code(request: HttpRequest) -> HttpResponseBase:
    """Log in by the code: only in the same browser, within ten minutes, three attempts."""
    goal = goal_of(request)
    query = request.GET.copy()
    query["next"] = goal
    request.GET = query  # type: ignore[assignment]  # read-only by type only
    response: Any = _allauth_confirm(request)
    if response.status_code == 200:
        response.context_data["goal"] = goal
        response.status_code = 422 if request.method == "POST" else 200
    elif request.method == "POST" and response.get("Location", "") == reverse("account_request_login_code"):
        return _start_again(request)
    return cast(HttpResponseBase, response)


def _start_again(request: HttpRequest) -> HttpResponse:
    form = CodeRequestForm()
    hint = _("The code no longer works: it was wrong too often, or too old. Ask for a new one.")
    return _page(request, "", form, hint=hint)


def _page(request: HttpRequest, goal: str, form: CodeRequestForm, *, hint: str = "", status: int = 422) -> HttpResponse:
    context = {"form": form, "goal": goal, "hint": hint, "wall": login_wall(goal)}
    return render(request, TEMPLATE, context, status=status)
