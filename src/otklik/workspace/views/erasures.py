"""The administrator's page of erasure requests."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.models import ErasureRequest, Person
from otklik.privacy.erase import erase_person
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.view_access import actor_of, for_admins


@for_admins("GET")
def erasures(request: HttpRequest) -> HttpResponse:
    """List who asked for erasure and when it is due."""
    rows = ErasureRequest.objects.filter(done_at=None).select_related("person").order_by("due_at")
    return render(request, "workspace/erasures.html", {"rows": rows, "now": timezone.now()})


@for_admins("POST")
def erase(request: HttpRequest, person_id: int) -> HttpResponse:
    """Erase a person who asked for it. The administrator confirms by typing the address."""
    person = Person.objects.filter(pk=person_id, erasure_request__done_at=None, erasure_request__isnull=False).first()
    if person is None:
        raise Http404
    if request.POST.get("address", "").strip().lower() != (person.email or "").lower():
        messages.warning(request, _("The address was not typed exactly. Nothing was erased."))
        return redirect("workspace:erasures")
    try:
        erase_person(actor=actor_of(request), at=timezone.now(), person=person)
        messages.success(request, _("The person is erased."))
    except UnableTo as refusal:
        messages.warning(request, refusal_words(refusal))
    return redirect("workspace:erasures")
