"""Open a ticket for a caller on the phone."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from otklik.core.errors import UnableTo
from otklik.core.idempotency import new_nonce, once
from otklik.core.ids import typed_id
from otklik.core.upload_views import takes_files
from otklik.desks.access import agents_of, worked_desks
from otklik.desks.models import Desk
from otklik.people.commands.persons import add_caller, ensure_person, give_address
from otklik.people.commands.phones import add_phone
from otklik.people.models import Person
from otklik.people.queries import person_by_address
from otklik.tickets.answers.form import AnswersForm
from otklik.tickets.commands.drafts import Place
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import written
from otklik.tickets.drafts import draft_at, files_of, part_of
from otklik.tickets.models import Draft, Ticket
from otklik.ui.drafts_after_login import bring, keep_posted, settle_posted
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.callers import likely_callers
from otklik.workspace.forms.create import CreateForm, questions
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.create import create_page, typed_in
from otklik.workspace.queries import known_caller
from otklik.workspace.refusals import WorkspaceRefusal
from otklik.workspace.view_access import actor_of, for_agents, for_desk, person_of

TEMPLATE = "workspace/create.html"


@for_agents("GET")
def choose_desk(request: HttpRequest) -> HttpResponse:
    """Choose the desk; skipped if there is only one."""
    desks = list(worked_desks(request.user))
    if len(desks) == 1:
        return redirect("workspace:create", key=desks[0].key)
    return render(request, "workspace/choose_desk.html", {"desks": desks})


@for_desk("GET", "POST")
@takes_files
def create(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: the form.

    POST: open the ticket and show its number. Enter before there is a subject only searches the caller.
    """
    if request.method != "POST":
        return _form_with_draft(request, desk)
    if "enter" in request.POST and not request.POST.get("subject", "").strip():
        return _as_typed(request, desk)
    form = CreateForm(desk, request.POST)
    asked = _asked(request, form)
    if form.is_valid() and asked is not None and asked.is_valid():
        try:
            return redirect(_write(request, desk, form, asked))
        except UnableTo as refusal:
            form.add_error(None, refusal_words(refusal))
    uploaded = asked.kept_files() if asked is not None and asked.is_bound else {}
    keep_posted(person=person_of(request), at=timezone.now(), place=_place(desk), post=request.POST, uploaded=uploaded)
    return show(request, desk, form, form.cleaned_data.get("person"), asked=asked, status=422)


def _place(desk: Desk) -> Place:
    return Place(Draft.Kind.CALL, desk.pk)


def _form_with_draft(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Return the form with the draft; without it if there is none, or if the URL names a caller."""
    person, place = person_of(request), _place(desk)
    bring(request.session, person=person, at=timezone.now(), page=request.path, place=place)
    chosen, draft = typed_id(request.GET.get("person", "")) or None, draft_at(person, place)
    if chosen or draft is None or not (draft.words or draft.files):
        return show(request, desk, CreateForm(desk, initial={"nonce": new_nonce(), "person": chosen}), chosen)
    data = QueryDict(mutable=True)
    for name, values in draft.words.items():
        data.setlist(name, list(values))
    data["nonce"] = new_nonce()
    form = CreateForm(desk, data)
    form.errors.clear()
    kind = form.kind()
    asked = questions(kind, person, data, kept=files_of(draft)).forgiving() if kind else None
    return show(request, desk, form, form.cleaned_data.get("person"), asked=asked, restored=True)


@for_desk("POST")
@takes_files
def fields(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Return the fields of another request type with what was typed. Without htmx the whole page. Writes nothing."""
    return _as_typed(request, desk, "questions" if request.headers.get("HX-Request") else "")


def _as_typed(request: HttpRequest, desk: Desk, part: str = "") -> HttpResponse:
    form = CreateForm(desk, request.POST)
    # The form is not submitted yet, so errors would be premature.
    form.errors.clear()
    return show(request, desk, form, form.cleaned_data.get("person"), part=part)


def show(
    request: HttpRequest,
    desk: Desk,
    form: CreateForm,
    chosen: int | None,
    *,
    asked: AnswersForm | None = None,
    status: int = 200,
    part: str = "",
    restored: bool = False,
) -> HttpResponse:
    """Render the page or a part of it.

    `asked`: the validated form of the type's fields; built without errors if None. `restored`: whether a draft is
    shown.
    """
    if asked is None and part in {"", "questions"}:
        asked = _asked(request, form)
        asked = asked.forgiving() if asked and asked.is_bound else asked
    page = create_page(person=person_of(request), desk=desk, form=form, asked=asked, chosen_id=chosen)
    if status == 200:  # otherwise the focus belongs to the field with the error
        form.begin_at("subject" if page.chosen else "phone")
    context: dict[str, object] = {"page": page, "form": form}
    if part:
        return fragment(TEMPLATE, part, context)
    draft = draft_at(person_of(request), _place(desk))
    context["draft"] = part_of(person_of(request), _place(desk), draft, restored=restored)
    return render(request, TEMPLATE, context, status=status)


def _asked(request: HttpRequest, form: CreateForm) -> AnswersForm | None:
    """Return the form of the chosen type's fields, filled from a POST."""
    kind = form.kind()
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return questions(kind, person_of(request), *sent) if kind else None


def _content(_request: HttpRequest, desk: Desk, form: CreateForm, asked: AnswersForm) -> list[str]:
    cleaned, parts = form.cleaned_data, [repr(sorted(asked.kept_answers().items()))]
    files = [f"{file.name} {file.digest}" for file in asked.sent_files()]
    return [desk.key, *(str(cleaned[name]) for name in sorted(cleaned)), *parts, *files]


@once(_content)
def _write(request: HttpRequest, desk: Desk, form: CreateForm, asked: AnswersForm) -> str:
    cleaned, at = form.cleaned_data, timezone.now()
    with transaction.atomic():
        ticket = open_ticket(
            actor=actor_of(request),
            at=at,
            desk=desk,
            channel=Ticket.Channel.PHONE,
            subject=cleaned["subject"],
            words=written(cleaned["description"]),
            requester=_caller(request, form, at),
            request_type=cleaned["request_type"],
            priority=cleaned["priority"],
            assignee=_assignee(request, desk),
            files=asked.sent_files(),
            answers=asked.kept_answers(),
        )
        settle_posted(person=person_of(request), at=at, place=_place(desk), post=request.POST)
    return f"{reverse('workspace:ticket', args=[ticket.key])}?created=phone"


def _assignee(request: HttpRequest, desk: Desk) -> Person | None:
    """Return the agent unless somebody else or nobody was chosen. Raises UnableTo for a person outside the desk."""
    mine, chosen = person_of(request), request.POST.get("assignee")
    if chosen is None or chosen == str(mine.pk):
        return mine
    person = agents_of(desk).filter(pk=typed_id(chosen)).first() if chosen else None
    if chosen and person is None:
        raise UnableTo(WorkspaceRefusal.ASSIGNEE_NOT_A_MEMBER)
    return person


def _caller(request: HttpRequest, form: CreateForm, at: datetime) -> Person:
    """Return the known caller, or a new person with the address or the name."""
    cleaned = form.cleaned_data
    _require_new(request, form)
    if cleaned["person"]:
        person = known_caller(person_of(request), cleaned["person"])
        if person is None:
            raise UnableTo(WorkspaceRefusal.CALLER_GONE)
        if cleaned["address"] and not person.email:
            give_address(actor=actor_of(request), at=at, person=person, address=cleaned["address"])
    elif cleaned["address"]:
        person, _made = ensure_person(address=cleaned["address"], name=cleaned["name"], at=at)
    else:
        person = add_caller(name=cleaned["name"], at=at)
    if cleaned["phone"]:
        add_phone(actor=actor_of(request), at=at, person=person, number=cleaned["phone"])
    return person


def _require_new(request: HttpRequest, form: CreateForm) -> None:
    """Raise UnableTo if the caller may be a known person, so that nobody is stored twice by accident.

    Known addresses identify the person; ticking “None of them” confirms that it is somebody else.
    """
    cleaned = form.cleaned_data
    if cleaned["person"] or cleaned["new_person"]:
        return
    if cleaned["address"] and person_by_address(cleaned["address"]) is not None:
        return
    if likely_callers(person_of(request), typed_in(form)).exists():
        raise UnableTo(WorkspaceRefusal.CALLER_MAY_BE_KNOWN)
