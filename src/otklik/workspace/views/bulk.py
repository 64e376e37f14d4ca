"""Acts on many requests: choose them, see what will happen, have it done, look how far it is, take it back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import uri_to_iri
from django.utils.http import url_has_allowed_host_and_scheme

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.tickets.commands.bulk import BACK_LENGTH, MOST, prepare_bulk, release_bulk, start_bulk, undo_bulk
from otklik.tickets.models import BulkRun
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.bulk import counts_of, found_at, offered_for, run_of, runs_of, tickets_of
from otklik.workspace.desk_context import standing
from otklik.workspace.forms.bulk import FORMS, ActForm
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.bulk import act_choices, preview_of, run_page
from otklik.workspace.view_access import actor_of, for_agents, person_of

TEMPLATE = "workspace/bulk.html"
_WHOLE_PAGE = {"HX-Refresh": "true"}


@for_agents("GET", "POST")
def bulk(request: HttpRequest) -> HttpResponse:
    """What the person had done to many requests; sent from a list: the choice, to which an act is to be said."""
    if request.method == "POST":
        return _chosen(request)
    at, runs = timezone.now(), runs_of(person_of(request))
    counts = counts_of(runs)
    rows = [(run, run_page(run, counts[run.pk], at, reasons=False)) for run in runs]
    return render(request, "workspace/bulk_runs.html", {"runs": rows})


def _chosen(request: HttpRequest) -> HttpResponse:
    here, at = _list_of(request), timezone.now()
    back = here or reverse("workspace:issues")
    try:
        if "all" in request.POST:
            # Of an address that is none, everything would be another choice.
            tickets = found_at(standing(request), here, at) if here else []
        else:
            tickets = [pk for pk in map(typed_id, request.POST.getlist("ticket")[: MOST + 1]) if pk]
        run = prepare_bulk(actor=actor_of(request), at=at, tickets=tickets, back=_shortened(back))
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect(back)
    act = request.POST.get("act", "")
    url = reverse("workspace:bulk_run", args=[run.pk])
    return redirect(f"{url}?act={act}" if act in FORMS else url)


def _list_of(request: HttpRequest) -> str:
    """The address of ours that the form names, "" for any other. Its query can be as long as a filter."""
    here = request.POST.get("here", "")
    path = here.partition("?")[0]
    return here if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def _shortened(address: str) -> str:
    """The address in as many characters as are kept: a piece of a filter would be another filter."""
    short = address if len(address) <= BACK_LENGTH else uri_to_iri(address)
    return short if len(short) <= BACK_LENGTH else reverse("workspace:issues")


@for_agents("GET", "POST")
def bulk_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Which act, and what it will do: sent, as words of a reply are too long for an address. Once it is begun, how far
    it is."""
    run = _loaded(request, run_id)
    if run.state == BulkRun.State.PREPARED:
        return _planned(request, run)
    if request.method == "POST":
        return redirect("workspace:bulk_run", run_id=run.pk)
    page = run_page(run, counts_of([run])[run.pk], timezone.now())
    if request.headers.get("HX-Request"):
        if page.active and request.GET.get("shows", "") == page.marker:
            return HttpResponse(status=204)
        # What can be done now stands beside the part that is renewed.
        return fragment(TEMPLATE, "progress", {"page": page}) if page.active else HttpResponse(headers=_WHOLE_PAGE)
    return render(request, TEMPLATE, {"page": page})


@for_agents("POST")
def bulk_start(request: HttpRequest, run_id: int) -> HttpResponse:
    """Have it done; a form that says nothing of use is shown again."""
    run = _loaded(request, run_id)
    form = _form(request, run, sent=True)
    if form is None or not form.is_valid():
        return _planned(request, run, form)
    return _done(request, run, lambda: start_bulk(actor=actor_of(request), at=timezone.now(), run=run, act=form.act()))


@for_agents("POST")
def bulk_undo(request: HttpRequest, run_id: int) -> HttpResponse:
    """Take all of it back."""
    run = _loaded(request, run_id)
    return _done(request, run, lambda: undo_bulk(actor=actor_of(request), at=timezone.now(), run=run))


@for_agents("POST")
def bulk_now(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let its mails go at once."""
    run = _loaded(request, run_id)
    return _done(request, run, lambda: release_bulk(actor=actor_of(request), at=timezone.now(), run=run))


def _planned(request: HttpRequest, run: BulkRun, form: ActForm | None = None) -> HttpResponse:
    words = request.POST if request.method == "POST" else request.GET
    kind, sent = words.get("act", ""), form is not None or "preview" in words
    form = form or _form(request, run, sent=sent)
    tickets = tickets_of(standing(request), run)
    is_valid = form is not None and sent and form.is_valid()
    preview = preview_of(form.act(), actor_of(request), tickets, timezone.now()) if form and is_valid else None
    context = {
        "run": run,
        "acts": act_choices(run, kind),
        "kind": kind,
        "form": form,
        "preview": preview,
        "total": len(tickets),
        "settled": form.data.items() if form and is_valid else (),
    }
    return render(request, "workspace/bulk_plan.html", context, status=422 if sent and not is_valid else 200)


def _form(request: HttpRequest, run: BulkRun, *, sent: bool) -> ActForm | None:
    words = request.POST if request.method == "POST" else request.GET
    made = FORMS.get(words.get("act", ""))
    if made is None:
        return None
    stands = standing(request)
    data = {name: words.get(name, "").replace("\0", "") for name in made.base_fields}
    return made(offered_for(stands, tickets_of(stands, run)), data if sent else None)


def _loaded(request: HttpRequest, run_id: int) -> BulkRun:
    run = run_of(person_of(request), run_id)
    if run is None:
        raise Http404
    return run


def _done(request: HttpRequest, run: BulkRun, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect("workspace:bulk_run", run_id=run.pk)
