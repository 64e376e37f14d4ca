"""Inserting a canned answer, or a link to another request, into a reply or a note."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from otklik.desks.commands.canned_answers import note_use
from otklik.tickets.answers.files import kept_file, owner_of
from otklik.tickets.models import Ticket
from otklik.workspace.canned_answers import Filler, files_of, usable_answer
from otklik.workspace.pages.canned_answers import insertable
from otklik.workspace.pages.move_targets import targets_for
from otklik.workspace.ticket_row import TicketRow
from otklik.workspace.view_access import actor_of, for_ticket, person_of

LONGEST_QUERY = 200


@for_ticket("GET")
def choices(request: HttpRequest, ticket: Ticket) -> JsonResponse:
    """The answers that the typed letters `q` find, for the list below a composer: {"choices": […]}."""
    found = insertable(person_of(request), ticket, request.GET.get("q", "")[:LONGEST_QUERY])
    return JsonResponse({"choices": [asdict(answer.choice) for answer in found]})


@for_ticket("GET")
def requests(request: HttpRequest, ticket: Ticket) -> JsonResponse:
    """The desk's requests that the number or words `q` find, each with the text of a link to it: {"choices": […]}.

    The link names the number alone, and leads only those to the request who may see it.
    """
    found = targets_for(person_of(request), ticket.desk_id, request.GET.get("q", "")[:LONGEST_QUERY], but=ticket.pk)
    return JsonResponse({"choices": [_link_to(row) for row in found.rows]})


def _link_to(row: TicketRow) -> dict[str, str]:
    text = f"[{row.key}]({settings.PUBLIC_URL}/browse/{row.key}) "
    return {"label": row.key, "detail": row.subject, "begins": row.status, "text": text}


@for_ticket("GET")
def pick(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """All answers with their filled texts, each with a button that inserts it: the way without scripts."""
    typed = request.GET.get("q", "")[:LONGEST_QUERY]
    context = {
        "ticket": ticket,
        "typed": typed,
        "in_note": request.GET.get("write") == "note",
        "answers": insertable(person_of(request), ticket, typed),
    }
    return render(request, "workspace/canned_pick.html", context)


@for_ticket("POST")
def insert(request: HttpRequest, ticket: Ticket, answer_id: int) -> HttpResponse:
    """Count the use of an answer and give its filled text in the language `language`, with its files: as JSON to
    scripts, else by the ticket's page, behind what its composer holds."""
    person = person_of(request)
    answer, language = usable_answer(person, ticket, answer_id), request.POST.get("language", "")
    if answer is None or language not in answer.texts:
        raise Http404
    note_use(actor=actor_of(request), at=timezone.now(), answer=answer)
    if request.accepts("application/json") and not request.accepts("text/html"):
        text = Filler(ticket, person).filled(answer, language)
        kept = [kept_file(file, owner_of(person)) for file in files_of(answer)]
        files = [{"name": file.name, "ticket": file.ticket} for file in kept]
        unfilled = [f"{{{name}}}" for name in text.unfilled]
        return JsonResponse({"text": text.text, "unfilled": unfilled, "files": files})
    write = "note" if request.POST.get("write") == "note" else "reply"
    query = urlencode({"canned": answer.pk, "in": language, "write": write})
    return redirect(f"{reverse('workspace:ticket', args=[ticket.key])}?{query}#composer")
