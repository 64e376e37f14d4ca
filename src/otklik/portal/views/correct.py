"""Change or take back one's own comment while that is possible."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.portal.entrance import actor_of, for_ticket, person_of
from otklik.portal.forms.ticket import EditForm
from otklik.portal.refusals import refusal_words
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.base import written
from otklik.tickets.commands.correct import correctable_until, edit_message, withdraw_message
from otklik.tickets.models import Message, Ticket


@for_ticket("GET", "POST")
def edit(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponseBase:
    """The words in a box of their own; POST keeps what stood there before and shows the new ones."""
    message = _own_or_404(request, ticket, message_id)
    if request.method != "POST":
        return _page(request, ticket, message, EditForm(initial={"comment": message.text}))
    form = EditForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, message, form, status=422)
    try:
        words = written(form.cleaned_data["comment"])
        edit_message(actor=actor_of(request), at=timezone.now(), message=message, words=words)
    except UnableTo as error:
        form.add_error("comment", refusal_words(error))
        return _page(request, ticket, message, form, status=422)
    messages.success(request, _("Your comment is changed."))
    return redirect(_place(ticket, message))


@for_ticket("POST")
def withdraw(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponseBase:
    """Only that there was a comment stays to be seen."""
    message = _own_or_404(request, ticket, message_id)
    try:
        withdraw_message(actor=actor_of(request), at=timezone.now(), message=message)
    except UnableTo as error:
        messages.warning(request, refusal_words(error))
    else:
        messages.success(request, _("Your comment is withdrawn."))
    return redirect(_place(ticket, message))


def _own_or_404(request: HttpRequest, ticket: Ticket, message_id: int) -> Message:
    """A message that was the reader's to change once; whether it still may be is the command's to say."""
    person = person_of(request)
    message = readable_messages(person, ticket, as_agent=False).filter(pk=message_id).first()
    if message is None or correctable_until(person, ticket, message) is None:
        raise Http404
    return message


def _place(ticket: Ticket, message: Message) -> str:
    return f"{reverse('portal:card', args=[ticket.desk_id, ticket.key])}#message-{message.pk}"


def _page(request: HttpRequest, ticket: Ticket, message: Message, form: EditForm, *, status: int = 200) -> HttpResponse:
    until = correctable_until(person_of(request), ticket, message)
    context = {
        "form": form,
        "key": ticket.key,
        "until": until,
        "card_url": reverse("portal:card", args=[ticket.desk_id, ticket.key]),
    }
    return render(request, "portal/edit.html", context, status=status)
