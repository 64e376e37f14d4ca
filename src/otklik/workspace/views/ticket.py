"""The ticket page, and what is new on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from otklik.core.ids import typed_id
from otklik.journal.models import Event
from otklik.tickets.access import messages_for_staff, ticket_at, ticket_for_customer
from otklik.tickets.answers.files import owner_of
from otklik.tickets.commands.drafts import Place
from otklik.tickets.content import NewFile
from otklik.tickets.drafts import Begun
from otklik.tickets.events import MessageHeld, TicketCommented
from otklik.tickets.models import Draft, Message, Ticket
from otklik.tickets.presence import PRESENT_FOR, RENEWED_AT, others, present_on, stay
from otklik.tickets.read_marks import look_as_staff
from otklik.tickets.timeline import news_for, with_facts, worded_for_staff
from otklik.ui.addresses import address_of
from otklik.ui.canonical_redirect import to_same_page
from otklik.ui.conversation_paging import conversation_page, window_of
from otklik.ui.drafts_after_login import bring
from otklik.ui.quotation import quotation
from otklik.ui.unsaved_side_fields import set_aside_on
from otklik.workspace.back_links import way_back
from otklik.workspace.canned_answers import Filler, files_of, usable_answer
from otklik.workspace.delivery_status import mails_of, with_deliveries
from otklik.workspace.desk_context import standing
from otklik.workspace.forms.message import MessageForm, begun_form, only_note
from otklik.workspace.pages.action_result import PLACES, Note
from otklik.workspace.pages.conversation import Entry, EventEntry, FoldedEntry, MessageEntry, event_entry
from otklik.workspace.pages.pending import Waiting, pending_of
from otklik.workspace.pages.ticket import TicketPage, ticket_page
from otklik.workspace.presence import token_of
from otklik.workspace.sidebar import sidebar, unassigned_total
from otklik.workspace.ticket_polling import pulse_from, pulse_of
from otklik.workspace.undo_offer import offered
from otklik.workspace.view_access import for_ticket, login_first, person_of

TEMPLATE = "workspace/ticket.html"
LIVE = "workspace/ticket_live.html"
PRESENCE = "workspace/_presence.html"
NEWS_AT_MOST = 20
K = Draft.Kind
# Without scripts, these forms replace the composer; each with the id of the form whose draft is kept then.
_CARRIERS = {"subject": "rename", "participant": "add-person", "question": "question"}


def ticket(request: HttpRequest, key: str) -> HttpResponseBase:
    """Staff: the ticket page. Customers who may see it: redirect to the portal. Others: 404 for every method."""
    if not request.user.is_authenticated:
        return login_first(request)
    worked = ticket_at(standing(request).desks, key)
    visible = worked or ticket_for_customer(request.user, key)
    if visible is None:
        raise Http404
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if worked is None:
        return redirect(f"/servicedesk/customer/portal/{visible.desk_id}/{visible.key}")
    if worked.key != key.upper() and (there := to_same_page(request, key=worked.key)) is not None:
        return there
    if request.method == "GET":
        look_as_staff(person=person_of(request), ticket=worked, at=(at := timezone.now()), until=at + PRESENT_FOR)
    return show(request, worked)


def show(
    request: HttpRequest,
    ticket: Ticket,
    *,
    reply: MessageForm | None = None,
    note: MessageForm | None = None,
    status: int = 200,
    fresh_after: int | None = None,
) -> HttpResponse:
    """Render the page with refused forms (`reply`, `note`), marking what came after the event `fresh_after`."""
    _bring(request, ticket)
    page = ticket_page(stands=standing(request), ticket=ticket, fresh_after=fresh_after, window=window_of(request))
    begun = Begun(person_of(request), ticket, there=page.beside.drafts)
    opened = request.GET.get("draft", "")
    # A withdrawn reply opened by URL is shown, unless it has been edited since.
    goes_on = not opened or opened == begun.said(K.REPLY, "draft")
    writing_note = note is not None or (reply is None and _writes_note(request, begun))
    stands = _as_it_stands(request, ticket, page, opened=opened or begun.said(K.REPLY, "draft"))
    forms = {
        K.REPLY: reply or begun_form(begun, K.REPLY, goes_on=goes_on, otherwise=stands["waiting"].initial),
        K.NOTE: note or begun_form(begun, K.NOTE),
    }
    _quote(request, ticket, forms, in_note=writing_note)
    _insert_canned(request, ticket, forms, in_note=writing_note)
    writing = _stands_alone(request, page, stands["waiting"])
    context = {
        **stands,
        "reply": forms[K.REPLY],
        "note": forms[K.NOTE],
        "reply_draft": begun.part(K.REPLY, restored=reply is None and goes_on),
        "note_draft": begun.part(K.NOTE, restored=note is None),
        "asking": _asking(begun),
        "step": _step_of(page, forms[K.REPLY]),
        "after": forms[K.REPLY]["after"].value() or page.last_reply.after,
        "writing_note": writing_note,
        "writing": writing,
        "carrier": _CARRIERS.get(writing, "") if writing else ("note" if writing_note else "reply"),
        "conflict": fresh_after is not None,
        "unsaved": set_aside_on(request.session, person_of(request), address_of("workspace:ticket", ticket.key)),
        "take_back": offered(request, ticket),
        "read_aloud": request.GET.get("created") == "phone",
        "back": way_back(request, ticket.desk),
    }
    return render(request, TEMPLATE, context, status=status)


def _step_of(page: TicketPage, form: MessageForm) -> Any:
    """Return the transition that the reply's form names; before it was ever written, the one of the last reply."""
    if form.is_bound or "step" in form.initial:
        return form["step"].value()
    return page.steps.towards(page.last_reply.status)


def _step_begun(page: TicketPage, begun: Begun) -> Any:
    """Return the same transition while the page is open, which a poll must not change."""
    draft = begun.row(K.REPLY)
    written = draft is not None and bool(draft.words or draft.files)
    return begun.said(K.REPLY, "step") if written else page.steps.towards(page.last_reply.status)


def _quote(request: HttpRequest, ticket: Ticket, forms: dict[Draft.Kind, MessageForm], *, in_note: bool) -> None:
    """Append the message in the URL's `quote` to the composer, once; internal messages only to a note.

    For browsers without scripts; with them, the page does it itself.
    """
    quoted = typed_id(request.GET.get("quote", ""))
    if not quoted:
        return
    message = messages_for_staff(ticket).filter(held=False, withdrawn_at=None, pk=quoted).first()
    if message is None:
        return
    kind = K.NOTE if in_note or message.kind == Message.Kind.INTERNAL else K.REPLY
    _append(request, forms, kind, quotation(message))


def _insert_canned(
    request: HttpRequest, ticket: Ticket, forms: dict[Draft.Kind, MessageForm], *, in_note: bool
) -> None:
    """Set the canned answer that the address names behind what the composer holds, as one does without scripts."""
    named, language = typed_id(request.GET.get("canned", "")), request.GET.get("in", "")
    person = person_of(request)
    answer = usable_answer(person, ticket, named) if named else None
    if answer is not None and language in answer.texts:
        text = Filler(ticket, person).filled(answer, language).text
        _append(request, forms, K.NOTE if in_note else K.REPLY, text, files_of(answer))


def _append(
    request: HttpRequest,
    forms: dict[Draft.Kind, MessageForm],
    kind: Draft.Kind,
    text: str,
    files: Sequence[NewFile] = (),
) -> None:
    """Put the text and the files behind what the composer holds, unless the text stands there already."""
    form = forms[kind]
    begun = str(form.initial.get("comment") or "")
    if not form.is_bound and text.strip() not in begun:
        both = f"{begun.rstrip()}\n\n{text}" if begun.strip() else text
        forms[kind] = form.quoting(both, owner_of(person_of(request)), files)


def _writes_note(request: HttpRequest, begun: Begun) -> bool:
    """Return whether to open the note: as the URL says (without scripts), otherwise as the draft says."""
    wanted = request.GET.get("write", "")
    return wanted == "note" or (wanted != "reply" and only_note(begun))


def _stands_alone(request: HttpRequest, page: TicketPage, waiting: Waiting) -> str:
    """Return the form other than reply and note that the URL asks for; "" if it is not available."""
    wanted = request.GET.get("write", "")
    there = {*_CARRIERS, *(entry.time_form for entry in waiting.entries if entry.scheduled or entry.stopped)}
    if page.approval_pending or page.closed_at is not None:
        there.discard("question")
    return wanted if wanted in there else ""


def _bring(request: HttpRequest, ticket: Ticket) -> None:
    """Restore a draft that was typed before the login."""
    person, place = person_of(request), Place(K.REPLY, ticket.pk, ticket.pk)
    bring(request.session, person=person, at=timezone.now(), page=request.path, place=place)


def _asking(begun: Begun) -> dict[str, Any]:
    """Return the draft of a question to approvers."""
    typed = {name: begun.said(K.QUESTION, name) for name in ("addresses", "question", "rule")}
    return {**typed, "draft": begun.part(K.QUESTION)}


def _as_it_stands(request: HttpRequest, ticket: Ticket, page: TicketPage, *, opened: str = "") -> dict[str, Any]:
    """Context for the parts of the page that change while it is open.

    `opened`: id of the withdrawn reply being edited.
    """
    at, mails = timezone.now(), mails_of(ticket) if page.beside.mails else []
    waiting = pending_of(person=person_of(request), ticket=ticket, draft=opened, at=at, there=page.beside.replies)
    entries = with_deliveries(ticket, page.entries, mails)
    window = window_of(request)
    paging = conversation_page(entries[::-1], window, message=_message_of, drawn=_is_drawn, is_pinned=_is_pinned)
    page.entries[:] = paging.shown[::-1]
    due = [entry.due_at for entry in waiting.entries if entry.waits]
    present = present_on(ticket, at, person_of(request)) if page.beside.others else []
    return {
        "present": present,
        "present_token": token_of(present),
        "page": page,
        "paging": paging,
        "window": window,
        "refusing": page.refusing,
        "waiting": waiting,
        "pulse": pulse_from(ticket, at, last=page.last_event, mails=mails, due=due),
    }


def _is_pinned(entry: Entry) -> bool:
    """Return whether the entry is never folded: the opening, held messages, and what the agent has not seen."""
    if isinstance(entry, MessageEntry):
        return entry.fresh or entry.opening or entry.held
    return isinstance(entry, EventEntry) and entry.fresh


def _message_of(entry: Entry) -> int:
    return 0 if isinstance(entry, EventEntry) else entry.id


def _is_drawn(entry: Entry) -> bool:
    return not isinstance(entry, FoldedEntry)


@dataclass(frozen=True, slots=True)
class News:
    """What others did since the agent's last look.

    `first`: id of the first new message; `seen`, `version`: values for the forms once the agent has looked.
    """

    any: bool
    messages: int
    first: int
    lines: list[EventEntry]
    seen: int
    version: int


def news(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer the page's poll: 204 if it is current (`shows`), otherwise its parts, without what is being typed.

    The forms keep `seen` and `version` until the agent looks at the news, so nobody replies to or closes a ticket
    unaware of them (RL-34). After the session has ended, the page stays open: 204.
    """
    if not request.user.is_authenticated and request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return _news(request, key=key)


@for_ticket("GET")
def _news(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    at, person = timezone.now(), person_of(request)
    pulse = pulse_of(ticket, at)
    if all(present.person != person.pk or present.until < at + RENEWED_AT for present in pulse.present):
        stay(person=person, ticket=ticket, at=at)
    if request.GET.get("shows", "") != pulse.marker:
        return live(request, ticket, request.GET)
    present = others(pulse.present, person)
    if request.GET.get("present", "") == token_of(present):
        return HttpResponse(status=204)
    # Who is there changes nothing else of the page.
    context = {"present": present, "present_token": token_of(present), "live": True}
    return HttpResponse(render_to_string(PRESENCE, context), headers={"HX-Reswap": "none"})


def live(request: HttpRequest, ticket: Ticket, known: QueryDict, note: Note | None = None) -> HttpResponse:
    """Render the current parts of the page for htmx; `ticket` was just loaded.

    `known`: parameters with the forms' `seen` and `version`; `note`: the result of an action.
    """
    seen = typed_id(known.get("seen", ""))
    news = with_facts(news_for(person_of(request), ticket, seen).order_by("id"))[:NEWS_AT_MOST]
    events = worded_for_staff(ticket.desk, news)
    page = ticket_page(
        stands=standing(request), ticket=ticket, fresh_after=seen if events else None, window=window_of(request)
    )
    fresh = _fresh(ticket, events, page)
    if events:
        page = replace(page, seen=seen, version=typed_id(known.get("version", "")))
    desks = sidebar(standing(request), page.url)
    begun = Begun(person_of(request), ticket, there=page.beside.drafts)
    context = {
        **_as_it_stands(request, ticket, page),
        "asking": _asking(begun),
        "news": fresh,
        "note": note,
        "unsaved": {note.place: known.get(note.place, "")} if note and note.wrong else {},
        "places": PLACES,
        "step": _step_begun(page, begun),
        "writing": "",
        "carrier": "",
        "frame": {"desks": desks, "waiting": unassigned_total(desks), "site_name": settings.SITE_NAME},
        "csrf_token": get_token(request),
    }
    return HttpResponse(render_to_string(LIVE, context))


def _fresh(ticket: Ticket, events: list[Event], page: TicketPage) -> News:
    new_messages = [event.typed for event in events if isinstance(event.typed, TicketCommented | MessageHeld)]
    return News(
        any=bool(events),
        messages=len(new_messages),
        first=new_messages[0].message if new_messages else 0,
        lines=[line for event in events if (line := event_entry(ticket, event)) is not None],
        seen=page.seen,
        version=page.version,
    )
