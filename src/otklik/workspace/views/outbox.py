"""A desk's outbox: the list of its mails, one mail in detail, and actions on mails. Each action is one command."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.core.upload_views import takes_files
from otklik.desks.models import Desk
from otklik.mail.commands import outbox as commands
from otklik.mail.models import OutboundMail
from otklik.notify.commands.resend import send_elsewhere
from otklik.people.refusals import PersonRefusal
from otklik.tickets.models import Participant, Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.panel import ParticipantForm
from otklik.workspace.outbox import outgoing_of
from otklik.workspace.pages.outbox import act_words, out_mail_page, outbox_page
from otklik.workspace.view_access import actor_of, bulk_actor_of, for_desk, for_ticket

BULK_AT_MOST = 200
_BULK: dict[str, Callable[..., None]] = {
    "again": commands.try_again,
    "now": commands.send_now,
    "cancel": commands.cancel,
}


@for_desk("GET")
def outbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the desk's mails with their delivery state, filtered by the query."""
    query = {name: str(value).replace("\0", "") for name, value in request.GET.items()}
    return render(request, "workspace/outbox.html", {"page": outbox_page(desk=desk, query=query)})


@for_desk("GET")
def outgoing_mail(request: HttpRequest, desk: Desk, mail_id: int) -> HttpResponse:
    """Show one mail: text, delivery attempts, history. 404 if it is not this desk's."""
    page = out_mail_page(desk, _mail(desk, mail_id))
    history = [(event, act_words(event), event.actor.partition(" <")[0]) for event in page.told]
    return render(request, "workspace/outbox_mail.html", {"page": page, "told": history, "desk": desk})


@for_desk("POST")
def now(request: HttpRequest, desk: Desk, mail_id: int) -> HttpResponse:
    """Try to send a waiting mail now, instead of at its next retry time."""
    return _done(request, desk, mail_id, commands.send_now, _("The mail is tried now."))


@for_desk("POST")
def cancel(request: HttpRequest, desk: Desk, mail_id: int) -> HttpResponse:
    """Cancel a mail that waits to be sent; `again` undoes that."""
    return _done(request, desk, mail_id, commands.cancel, _("The mail will not be sent. “Try again” takes that back."))


@for_desk("POST")
def again(request: HttpRequest, desk: Desk, mail_id: int) -> HttpResponse:
    """Queue a failed or cancelled mail again."""
    return _done(request, desk, mail_id, commands.try_again, _("The mail waits to be sent again."))


@for_desk("POST")
def clear(request: HttpRequest, desk: Desk, mail_id: int) -> HttpResponse:
    """Take the recipient's address off the list of undeliverable ones, on an agent's word that it works."""
    mail = _mail(desk, mail_id)
    commands.clear_address(actor=actor_of(request), at=timezone.now(), address=mail.recipient)
    messages.success(request, _("Mail to %(address)s is sent again.") % {"address": mail.recipient})
    return redirect("workspace:outbox_mail", key=desk.key, mail_id=mail.pk)


@for_desk("POST")
def elsewhere(request: HttpRequest, desk: Desk, mail_id: int) -> HttpResponse:
    """Send the mail to another address; the person with that address joins the ticket."""
    mail, form = _mail(desk, mail_id), ParticipantForm(request.POST)
    try:
        if not form.is_valid():
            raise UnableTo(PersonRefusal.BAD_ADDRESS)
        sent = send_elsewhere(
            actor=actor_of(request),
            at=timezone.now(),
            mail=mail,
            address=form.cleaned_data["address"],
            history=form.cleaned_data["history"],
        )
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal, request.POST.get("address", "")))
        return redirect("workspace:outbox_mail", key=desk.key, mail_id=mail.pk)
    messages.success(
        request, _("The mail goes to %(address)s, who is on the request now.") % {"address": sent.recipient}
    )
    return redirect("workspace:outbox_mail", key=desk.key, mail_id=sent.pk)


@for_ticket("POST")
@takes_files
def clear_participant(request: HttpRequest, ticket: Ticket, person_id: int) -> HttpResponse:
    """Take a participant's address off the list of undeliverable ones, on an agent's word that it works."""
    participants = Participant.objects.filter(ticket=ticket, person_id=person_id).select_related("person")
    participant = participants.first()
    if participant is None:
        raise Http404
    if commands.clear_address(actor=actor_of(request), at=timezone.now(), address=participant.person.email or ""):
        messages.success(request, _("Mail to %(address)s is sent again.") % {"address": participant.person.email})
    return redirect("workspace:ticket", key=ticket.key)


@for_desk("POST")
def bulk(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Apply one action to the ticked mails, BULK_AT_MOST at most, and report how many could not be changed."""
    act = _BULK.get(request.POST.get("act", ""))
    ticked = request.POST.getlist("mail")
    ids = [typed_id(mail_id) for mail_id in ticked[:BULK_AT_MOST]]
    done, actor = 0, bulk_actor_of(request)
    for mail in outgoing_of(desk).filter(pk__in=ids) if act else ():
        try:
            if act:
                act(actor=actor, at=timezone.now(), mail=mail)
            done += 1
        except UnableTo:
            continue
    sentence = ngettext("Done with %(n)d mail.", "Done with %(n)d mails.", done) % {"n": done}
    left = len(ticked) - done
    more = ngettext("%(n)d could not be changed.", "%(n)d could not be changed.", left) % {"n": left} if left else ""
    messages.info(request, f"{sentence} {more}".strip())
    return redirect(f"{reverse('workspace:outbox', args=[desk.key])}?{request.POST.get('here', '')}".rstrip("?"))


def _mail(desk: Desk, mail_id: int) -> OutboundMail:
    mail = outgoing_of(desk).filter(pk=mail_id).first()
    if mail is None:
        raise Http404
    return mail


def _done(request: HttpRequest, desk: Desk, mail_id: int, act: Callable[..., None], sentence: str) -> HttpResponse:
    mail = _mail(desk, mail_id)
    try:
        act(actor=actor_of(request), at=timezone.now(), mail=mail)
        messages.success(request, sentence)
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect("workspace:outbox_mail", key=desk.key, mail_id=mail.pk)
