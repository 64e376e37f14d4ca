"""Move a message that came by mail to another ticket, or split it off as a new one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.intake.commands.placement import attach, make_request
from otklik.mail.models import InboundMail
from otklik.tickets.access import readable_messages
from otklik.tickets.models import Message, Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.ledger import TargetForm
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.move_targets import targets_for
from otklik.workspace.undo_offer import TakeBack, offer
from otklik.workspace.view_access import actor_of, for_ticket, person_of
from otklik.workspace.views.ledger_actions import target_of


@for_ticket("GET", "POST")
@takes_files
def move(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Let the agent pick the target ticket by key or search, then move the message there.

    An HTMX request only gets the list of matching tickets and moves nothing. 422 if nothing was moved: no target was
    picked, or the command refused. After a move the target's page offers to undo it, unless that is unsafe.
    """
    message, mail = _mailed(request, ticket, message_id)
    if request.method != "POST":
        return _ask(request, ticket, message, TargetForm())
    form = TargetForm(request.POST)
    if request.headers.get("HX-Request"):
        targets = targets_for(person_of(request), ticket.desk_id, request.POST.get("ticket", ""), but=ticket.pk)
        return fragment("workspace/move_message.html", "targets", {"targets": targets})
    chosen = request.POST.get("to", "")
    target = target_of(request, ticket.desk, TargetForm({"ticket": chosen}) if chosen else form)
    if target is None:
        return _ask(request, ticket, message, form, status=422)
    try:
        moved = attach(actor=actor_of(request), at=timezone.now(), mail=mail, ticket=target)
    except UnableTo as refusal:
        form.add_error("ticket", refusal_words(refusal))
        return _ask(request, ticket, message, form, status=422)
    messages.success(request, _("The message was moved here from %(key)s.") % {"key": ticket.key})
    if not message.opening and _may_go_back(message):
        offer(request, target, _back_to(ticket, target, moved))
    return redirect(f"{reverse('workspace:ticket', args=[target.key])}#message-{moved.pk}")


@for_ticket("POST")
@takes_files
def split(request: HttpRequest, ticket: Ticket, message_id: int) -> HttpResponse:
    """Make the message the opening of a new ticket and take it out of this one."""
    message, mail = _mailed(request, ticket, message_id)
    try:
        new_ticket = make_request(actor=actor_of(request), at=timezone.now(), mail=mail)
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect("workspace:ticket", key=ticket.key)
    messages.success(request, _("The message of %(key)s is a request of its own now.") % {"key": ticket.key})
    opening = Message.objects.filter(ticket=new_ticket, opening=True).first()
    if opening is not None and _may_go_back(message):
        offer(request, new_ticket, _back_to(ticket, new_ticket, opening))
    return redirect("workspace:ticket", key=new_ticket.key)


def _may_go_back(message: Message) -> bool:
    """Return whether the move can be undone: not for a held message, which moving back would release, nor for a note,
    which would come back as a public comment (AB-48)."""
    return not message.held and message.kind == Message.Kind.PUBLIC


def _back_to(ticket: Ticket, target: Ticket, message: Message) -> TakeBack:
    return TakeBack(
        reverse("workspace:move_message", args=[target.key, message.pk]),
        _("Moved by mistake?"),
        _("Move it back to %(key)s") % {"key": ticket.key},
        {"to": ticket.key},
    )


def _mailed(request: HttpRequest, ticket: Ticket, message_id: int) -> tuple[Message, InboundMail]:
    readable = readable_messages(person_of(request), ticket, as_agent=True)
    message = readable.filter(pk=message_id).select_related("inbound", "author").defer("inbound__raw").first()
    if message is None or message.inbound is None:
        raise Http404
    return message, message.inbound


def _ask(
    request: HttpRequest, ticket: Ticket, message: Message, form: TargetForm, *, status: int = 200
) -> HttpResponse:
    typed = str(form["ticket"].value() or "")
    targets = targets_for(person_of(request), ticket.desk_id, typed, but=ticket.pk)
    if targets.rows:
        form.errors.clear()  # the search has hits, so the agent need only pick one: no error to show
    context = {"ticket": ticket, "message": message, "form": form, "targets": targets}
    return render(request, "workspace/move_message.html", context, status=status)
