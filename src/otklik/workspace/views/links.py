"""Add and remove links of a ticket."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.upload_views import takes_files
from otklik.tickets.commands.links import add_link, remove_link
from otklik.tickets.link_words import link_words
from otklik.tickets.models import Ticket, TicketLink
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.desk_context import standing
from otklik.workspace.forms.panel import LinkForm
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.action_result import Note, Undo
from otklik.workspace.pages.move_targets import targets_for
from otklik.workspace.view_access import actor_of, for_ticket, person_of
from otklik.workspace.views.ledger_actions import target_of
from otklik.workspace.views.panel_response import answered, not_done

PAGE, PLACE = "workspace/link.html", "links"


@for_ticket("GET", "POST")
@takes_files
def links(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Search for a ticket and link it. 422 if nothing was linked.

    While the agent types, htmx gets the search result only; the link is made by a button.
    """
    if request.method != "POST":
        return _ask(request, ticket, LinkForm())
    undo, chosen = "undo" in request.POST, request.POST.get("to", "")
    if request.headers.get("HX-Request") and not undo:
        targets = targets_for(person_of(request), ticket.desk_id, request.POST.get("ticket", ""), but=ticket.pk)
        return fragment(PAGE, "targets", {"targets": targets})
    form = LinkForm({**request.POST.dict(), **({"ticket": chosen} if chosen else {})})
    target = target_of(request, ticket.desk, form)
    if target is None:
        return _refused(request, ticket, LinkForm(request.POST), form, undo=undo)
    kind, _colon, way = form.cleaned_data["link"].partition(":")
    source, other = (ticket, target) if way == "out" else (target, ticket)
    try:
        add_link(actor=actor_of(request), at=timezone.now(), source=source, target=other, kind=kind)
    except UnableTo as refusal:
        form.add_error("ticket", refusal_words(refusal))
        return _refused(request, ticket, form, form, undo=undo)
    notice = _("Linked: %(words)s %(key)s.") % {"words": link_words(kind, way), "key": target.key}
    if undo:
        return answered(request, ticket, Note(PLACE, notice))
    messages.success(request, notice)
    return redirect("workspace:ticket", key=ticket.key)


@for_ticket("POST")
@takes_files
def remove(request: HttpRequest, ticket: Ticket, link_id: int) -> HttpResponse:
    """Remove the link; the answer offers to restore it."""
    rows = TicketLink.objects.filter(Q(source=ticket) | Q(target=ticket), pk=link_id)
    worked = standing(request).desk_ids
    links = rows.filter(source__desk__in=worked, target__desk__in=worked)
    link_found = links.select_related("source", "target").first()
    if link_found is None:
        raise Http404
    try:
        remove_link(actor=actor_of(request), at=timezone.now(), link=link_found)
    except UnableTo as refusal:
        return not_done(request, ticket, PLACE, refusal_words(refusal))
    way, other = ("out", link_found.target) if link_found.source_id == ticket.pk else ("in", link_found.source)
    way = "out" if link_found.kind == TicketLink.Kind.RELATES else way
    notice = _("%(key)s is linked no more.") % {"key": other.key}
    # A link can be restored only if both tickets are still at the same desk.
    apart = link_found.source.desk_id != link_found.target.desk_id
    kind = f"{link_found.kind}:{way}"
    undo = None if apart else Undo(reverse("workspace:links", args=[ticket.key]), "ticket", other.key, kind, "link")
    return answered(request, ticket, Note(PLACE, notice, undo=undo))


def _refused(request: HttpRequest, ticket: Ticket, shown: LinkForm, form: LinkForm, *, undo: bool) -> HttpResponse:
    """Show the page with the errors; a failed undo is reported next to the ticket instead."""
    if undo:
        message = " ".join(str(line) for lines in form.errors.values() for line in lines)
        return not_done(request, ticket, PLACE, message)
    for name, lines in form.errors.items():
        if name not in shown.errors:
            shown.add_error(name, list(lines))
    return _ask(request, ticket, shown, status=422)


def _ask(request: HttpRequest, ticket: Ticket, form: LinkForm, *, status: int = 200) -> HttpResponse:
    typed = str(form["ticket"].value() or "")
    targets = targets_for(person_of(request), ticket.desk_id, typed, but=ticket.pk)
    if targets.rows and "link" not in form.errors and "to" not in request.POST:
        form.errors.clear()  # the search found tickets to choose from, so there is no error
    context = {"ticket": ticket, "form": form, "targets": targets}
    return render(request, PAGE, context, status=status)
