"""Change or take back one's own reply or note while that is possible."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.base import written
from otklik.tickets.commands.correct import correctable_until, edit_message, withdraw_message
from otklik.tickets.models import Message, Ticket
from otklik.workspace.entrance import actor_of, for_ticket, person_of
from otklik.workspace.forms.message import EditForm
from otklik.workspace.refusals import refusal_words


@for_ticket("GET", "POST")
def edit(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """The words in a box of their own; what stood there before is kept."""
    message = _own_or_404(request, ticket, message_id)
    if request.method != "POST":
        return _page(request, ticket, message, EditForm(initial={"comment": message.text}))
    form = EditForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, message, form, status=422)
    try:
        words = written(form.cleaned_data["comment"])
        edit_message(actor=actor_of(request), at=timezone.now(), message=message, words=words)
    except UnableTo as refusal:
        form.add_error("comment", refusal_words(refusal))
        return _page(request, ticket, message, form, status=422)
    messages.success(request, _("The message is changed."))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")


@for_ticket("POST")
def withdraw(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Customers see only that there was a message."""
    message = _own_or_404(request, ticket, message_id)
    try:
        withdraw_message(actor=actor_of(request), at=timezone.now(), message=message)
        messages.success(request, _("The message is withdrawn."))
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect(f"/browse/{ticket.key}#message-{message.pk}")


def _own_or_404(request: HttpRequest, ticket: Ticket, message_id: int) -> Message:
    """A message that was the agent's to change once; whether it still may be is the command's to say."""
    person = person_of(request)
    message = readable_messages(person, ticket, as_agent=True).filter(pk=message_id).first()
    if message is None or correctable_until(person, ticket, message) is None:
        raise Http404
    return message


def _page(request: HttpRequest, ticket: Ticket, message: Message, form: EditForm, *, status: int = 200) -> HttpResponse:
    until = correctable_until(person_of(request), ticket, message)
    internal = message.kind == Message.Kind.INTERNAL
    context = {"form": form, "ticket": ticket, "until": until, "internal": internal}
    return render(request, "workspace/edit_message.html", context, status=status)
