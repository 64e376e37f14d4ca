"""The people a request is shared with."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.models import Person
from otklik.portal.entrance import actor_of, for_ticket, person_of
from otklik.portal.forms.ticket import ShareForm
from otklik.portal.refusals import refusal_words
from otklik.portal.views.card import show_card
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.models import Ticket


@for_ticket("POST")
def share(request: HttpRequest, ticket: Ticket) -> HttpResponseBase:
    """Share with a person by mail address; they see what is said from now on."""
    form = ShareForm(request.POST)
    if not form.is_valid():
        return show_card(request, ticket, share=form, status=422)
    address = form.cleaned_data["email"]
    try:
        new = share_with_address(actor=actor_of(request), at=timezone.now(), ticket=ticket, address=address)
    except UnableTo as error:
        form.add_error("email", refusal_words(error))
        return show_card(request, ticket, share=form, status=422)
    words = _("The request is shared with %(address)s.") if new else _("%(address)s is on the request already.")
    messages.success(request, words % {"address": address})
    return redirect("portal:card", ticket.desk_id, ticket.key)


@for_ticket("POST")
def unshare(request: HttpRequest, ticket: Ticket, person_id: int) -> HttpResponseBase:
    """Take somebody off the request, or leave it oneself."""
    person = Person.objects.filter(pk=person_id, participations__ticket=ticket, participations__removed_at=None).first()
    if person is None:
        raise Http404
    try:
        remove_participant(actor=actor_of(request), at=timezone.now(), ticket=ticket, person=person)
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
        return redirect("portal:card", ticket.desk_id, ticket.key)
    messages.success(request, _("%(name)s is no longer on the request.") % {"name": person.display_name})
    if person.pk == person_of(request).pk:
        return redirect("portal:requests")
    return redirect("portal:card", ticket.desk_id, ticket.key)
