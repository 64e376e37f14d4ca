"""Invite somebody to activate an account."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.notify.commands.accounts import invite as invite_person
from otklik.people.commands.persons import ensure_person
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.invite import InviteForm
from otklik.workspace.view_access import actor_of, for_agents


@for_agents("GET", "POST")
def invite(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST mail an activation link to the address, creating the person if need be.

    422 if the address is invalid, or if the person cannot be invited (an active account, for instance).
    """
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "workspace/invite.html", {"form": form}, status=422 if form.errors else 200)
    address, now = form.cleaned_data["email"], timezone.now()
    try:
        with transaction.atomic():
            person, _new = ensure_person(address=address, name=form.cleaned_data["name"], at=now)
            invite_person(actor=actor_of(request), at=now, person=person)
    except UnableTo as refusal:
        form.add_error("email", refusal_words(refusal))
        return render(request, "workspace/invite.html", {"form": form}, status=422)
    if settings.OUTGOING or settings.DEMO:
        messages.success(request, _("An invitation is on its way to %(address)s.") % {"address": address})
    else:
        sentence = _("%(address)s has an account now, but the invitation stays here: no mail leaves this installation.")
        messages.warning(request, sentence % {"address": address})
    return redirect("workspace:invite")
