"""«Уведомления»: how much mail the reader wants."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.people.commands.profile import choose_notices
from otklik.portal.forms.profile import NoticesForm
from otklik.portal.pages.profile import tabs
from otklik.portal.view_access import for_persons, person_of


@for_persons("GET", "POST")
def notices(request: HttpRequest) -> HttpResponseBase:
    """Choose between a mail for each message, one a day, or only when a ticket waits for the reader."""
    person = person_of(request)
    form = NoticesForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        choose_notices(person=person, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your choice is saved."))
        return redirect("portal:notices")
    context = {"person": person, "tabs": tabs("notices"), "form": form}
    return render(request, "portal/notices.html", context, status=422 if form.errors else 200)
