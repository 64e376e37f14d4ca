"""Acts on mails of the ledger; each has its own URL and calls one command."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.errors import UnableTo
from otklik.desks.models import Desk
from otklik.intake.commands.dismiss import see_to
from otklik.intake.commands.placement import admit as admit_mail
from otklik.intake.commands.placement import attach as attach_mail
from otklik.intake.commands.placement import make_request
from otklik.intake.commands.reprocess import run_again
from otklik.intake.commands.senders import forget_sender, rule_sender
from otklik.intake.commands.spam import mark_spam, unmark_spam
from otklik.intake.sender_rules import patterns_of
from otklik.mail.models import InboundMail, SenderRule
from otklik.tickets.access import ticket_for_agent
from otklik.tickets.models import Ticket
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.ledger import LedgerFilter, SenderForm, TargetForm
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.ledger import mails_of
from otklik.workspace.pages.move_targets import targets_for
from otklik.workspace.view_access import actor_of, bulk_actor_of, for_desk, for_mail, person_of
from otklik.workspace.views.ledger import back_to, show

BULK_AT_MOST = 200
Command = Callable[..., Any]


@for_mail("POST")
def request_of(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Open a new ticket from the mail."""
    try:
        ticket = make_request(actor=actor_of(request), at=timezone.now(), mail=mail)
    except UnableTo as refusal:
        return _refused(request, desk, mail, refusal)
    messages.success(request, _("The mail is the request %(key)s now.") % {"key": ticket.key})
    return redirect("workspace:ticket", key=ticket.key)


@for_mail("POST")
def attach(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Attach the mail to a ticket as a message. `find` and htmx only search for the ticket by key or words."""
    form, chosen = TargetForm(request.POST), request.POST.get("to", "")
    if request.headers.get("HX-Request"):
        targets = targets_for(person_of(request), desk.pk, request.POST.get("ticket", ""))
        return fragment("workspace/ledger_mail.html", "targets", {"targets": targets})
    if "find" in request.POST and form.is_valid():
        return show(request, desk, mail, attach=form)
    target = target_of(request, desk, TargetForm({"ticket": chosen}) if chosen else form)
    if target is None:
        return show(request, desk, mail, attach=form, status=422)
    try:
        message = attach_mail(actor=actor_of(request), at=timezone.now(), mail=mail, ticket=target)
    except UnableTo as refusal:
        form.add_error("ticket", refusal_words(refusal))
        return show(request, desk, mail, attach=form, status=422)
    messages.success(request, _("The mail is part of %(key)s now.") % {"key": target.key})
    return redirect(f"{reverse('workspace:ticket', args=[target.key])}#message-{message.pk}")


@for_mail("POST")
def admit(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Release a held mail."""
    return _done(request, desk, mail, admit_mail, _("The message is part of the conversation now."))


@for_mail("POST")
def again(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Process the mail again."""
    return _done(request, desk, mail, run_again, _("The mail waits to be processed again."))


@for_mail("POST")
def done(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Mark the mail as needing no action, with an optional note."""
    note = request.POST.get("note", "").replace("\0", "")
    notice = _("Nothing more to do about this mail.")
    return _done(request, desk, mail, partial(see_to, note=note), notice)


@for_mail("POST")
def spam(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Mark a received mail as spam; "Not spam" undoes it."""
    return _done(request, desk, mail, mark_spam, _("Marked as spam. “Not spam” takes it back."))


@for_mail("POST")
def not_spam(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Undo `spam`."""
    return _done(request, desk, mail, unmark_spam, _("Everything is as it was before."))


@for_mail("POST")
def block(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Block the sender's address or domain from now on."""
    return _rule(request, desk, mail, SenderRule.Verdict.BLOCK, _("Blocked from now on: %(who)s."))


@for_mail("POST")
def allow(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Accept mail from the sender's address or domain, even if it looks like automatic mail."""
    return _rule(request, desk, mail, SenderRule.Verdict.ALLOW, _("Allowed from now on: %(who)s."))


@for_mail("POST")
def forget(request: HttpRequest, desk: Desk, mail: InboundMail) -> HttpResponse:
    """Remove the desk's rules for the sender, for both address and domain."""
    at, gone = timezone.now(), []
    try:
        for pattern in patterns_of(mail.from_address):
            gone.append(forget_sender(actor=actor_of(request), at=at, desk=desk, pattern=pattern))
    except UnableTo as refusal:
        return _refused(request, desk, mail, refusal)
    if any(gone):
        messages.success(request, _("The decision about this sender is taken back."))
    return back_to(desk, mail)


@for_desk("POST")
def forget_rule(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Remove a sender rule from the list of rules."""
    pattern = request.POST.get("pattern", "").replace("\0", "")[:320]
    if forget_sender(actor=actor_of(request), at=timezone.now(), desk=desk, pattern=pattern):
        messages.success(request, _("No decision any more: %(who)s.") % {"who": pattern})
    return redirect("workspace:senders", key=desk.key)


@for_desk("POST")
def bulk(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Do one action on all ticked mails. If any of them is not this desk's, nothing is done: 404 (AB-59)."""
    act = _BULK.get(request.POST.get("act", ""))
    mails = _ticked(request, desk)
    if act is None or not mails:
        messages.error(request, _("Tick the mails first, then choose what to do with them."))
        return _back_to_list(request, desk)
    refusals, actor = [], bulk_actor_of(request)
    for mail in mails:
        try:
            act(actor=actor, at=timezone.now(), mail=mail)
        except UnableTo as refusal:
            refusals.append(refusal_words(refusal))
    _say(request, len(mails) - len(refusals), refusals)
    return _back_to_list(request, desk)


def target_of(request: HttpRequest, desk: Desk, form: forms.Form) -> Ticket | None:
    """Return the ticket that the form names by key or number; otherwise add an error to the form and return None."""
    if not form.is_valid():
        return None
    typed = form.cleaned_data["ticket"].strip().lstrip("#№ ").upper()
    key = f"{desk.key}-{typed}" if typed.isascii() and typed.isdigit() else typed
    ticket = ticket_for_agent(person_of(request), key)
    if ticket is None or ticket.desk_id != desk.pk:
        form.add_error("ticket", _("There is no such request at this desk."))
        return None
    return ticket


def _done(request: HttpRequest, desk: Desk, mail: InboundMail, command: Command, notice: str) -> HttpResponse:
    try:
        command(actor=actor_of(request), at=timezone.now(), mail=mail)
    except UnableTo as refusal:
        return _refused(request, desk, mail, refusal)
    messages.success(request, notice)
    return back_to(desk, mail)


def _rule(request: HttpRequest, desk: Desk, mail: InboundMail, verdict: str, notice: str) -> HttpResponse:
    form, patterns = SenderForm(request.POST), patterns_of(mail.from_address)
    if not form.is_valid() or not patterns:
        messages.error(request, _("This is not a mail address."))
        return back_to(desk, mail)
    pattern = patterns[form.cleaned_data["scope"] == "domain"]
    try:
        known = rule_sender(actor=actor_of(request), at=timezone.now(), desk=desk, pattern=pattern, verdict=verdict)
    except UnableTo as refusal:
        return _refused(request, desk, mail, refusal)
    messages.success(request, notice % {"who": known})
    return back_to(desk, mail)


def _block_address(*, actor: Any, at: Any, mail: InboundMail) -> None:
    desk = mail.mailbox.channel.desk
    rule_sender(actor=actor, at=at, desk=desk, pattern=mail.from_address, verdict=SenderRule.Verdict.BLOCK)


_BULK: dict[str, Command] = {
    "admit": admit_mail,
    "request": make_request,
    "again": run_again,
    "done": see_to,
    "spam": mark_spam,
    "not_spam": unmark_spam,
    "block": _block_address,
}


def _ticked(request: HttpRequest, desk: Desk) -> list[InboundMail]:
    sent = request.POST.getlist("mail")
    if (
        not all(number.isascii() and number.isdigit() and len(number) < 19 for number in sent)
        or len(sent) > BULK_AT_MOST
    ):
        raise Http404
    ids = {int(number) for number in sent}
    mails = list(mails_of(desk).select_related("mailbox__channel__desk").filter(pk__in=ids).order_by("id"))
    if len(mails) != len(ids):
        raise Http404
    return mails


def _say(request: HttpRequest, done: int, refusals: list[str]) -> None:
    if done:
        notice = ngettext("Done for %(n)d mail.", "Done for %(n)d mails.", done) % {"n": done}
        messages.success(request, notice)
    if refusals:
        notice = ngettext("Left as it was: %(n)d mail.", "Left as they were: %(n)d mails.", len(refusals))
        messages.warning(request, " ".join([notice % {"n": len(refusals)}, *list(dict.fromkeys(refusals))[:3]]))


def _back_to_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    filter_query = LedgerFilter(QueryDict(request.POST.get("here", "")[:2000])).kept_words()
    return redirect(reverse("workspace:ledger", args=[desk.key]) + (f"?{filter_query}" if filter_query else ""))


def _refused(request: HttpRequest, desk: Desk, mail: InboundMail, refusal: UnableTo) -> HttpResponse:
    messages.error(request, refusal_words(refusal))
    return back_to(desk, mail)
