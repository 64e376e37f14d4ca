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
from otklik.workspace.bulk_queries import counts_of, found_at, offered_for, run_of, runs_of, tickets_of
from otklik.workspace.desk_context import standing
from otklik.workspace.forms.bulk import FORMS, ActForm
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.bulk import act_choices, preview_of, run_page
from otklik.workspace.view_access import actor_of, for_agents, person_of

TEMPLATE = "workspace/bulk.html"
_WHOLE_PAGE = {"HX-Refresh": "true"}


@for_agents("GET", "POST")
def bulk(request: HttpRequest) -> HttpResponse:
    """GET: the person's runs. POST from a list: store the selection and go to the choice of the action."""
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
            # Without a list, "all" would mean another selection.
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
    """Return the posted URL of the list if it is ours, else "". Its query can be as long as a filter."""
    here = request.POST.get("here", "")
    path = here.partition("?")[0]
    return here if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def _shortened(address: str) -> str:
    """Return the URL if it fits into BACK_LENGTH, else the list's; a truncated filter would be another one."""
    short = address if len(address) <= BACK_LENGTH else uri_to_iri(address)
    return short if len(short) <= BACK_LENGTH else reverse("workspace:issues")


@for_agents("GET", "POST")
def bulk_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Prepared: choose and preview the action, by POST because replies are too long for URLs.

    Started: show its progress.
    """
    run = _loaded(request, run_id)
    if run.state == BulkRun.State.PREPARED:
        return _planned(request, run)
    if request.method == "POST":
        return redirect("workspace:bulk_run", run_id=run.pk)
    page = run_page(run, counts_of([run])[run.pk], timezone.now())
    if request.headers.get("HX-Request"):
        if page.active and request.GET.get("shows", "") == page.marker:
            return HttpResponse(status=204)
        # The whole page is reloaded, because its buttons are outside the fragment.
        return fragment(TEMPLATE, "progress", {"page": page}) if page.active else HttpResponse(headers=_WHOLE_PAGE)
    return render(request, TEMPLATE, {"page": page})


@for_agents("POST")
def bulk_start(request: HttpRequest, run_id: int) -> HttpResponse:
    """Start the action; an invalid form is shown again."""
    run = _loaded(request, run_id)
    form = _form(request, run, sent=True)
    if form is None or not form.is_valid():
        return _planned(request, run, form)
    return _done(request, run, lambda: start_bulk(actor=actor_of(request), at=timezone.now(), run=run, act=form.act()))


@for_agents("POST")
def bulk_undo(request: HttpRequest, run_id: int) -> HttpResponse:
    """Undo the whole run."""
    run = _loaded(request, run_id)
    return _done(request, run, lambda: undo_bulk(actor=actor_of(request), at=timezone.now(), run=run))


@for_agents("POST")
def bulk_now(request: HttpRequest, run_id: int) -> HttpResponse:
    """Send the run's held mails now."""
    run = _loaded(request, run_id)
    return _done(request, run, lambda: release_bulk(actor=actor_of(request), at=timezone.now(), run=run))


def _planned(request: HttpRequest, run: BulkRun, form: ActForm | None = None) -> HttpResponse:
    params = request.POST if request.method == "POST" else request.GET
    kind, sent = params.get("act", ""), form is not None or "preview" in params
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
    params = request.POST if request.method == "POST" else request.GET
    form_class = FORMS.get(params.get("act", ""))
    if form_class is None:
        return None
    stands = standing(request)
    data = {name: params.get(name, "").replace("\0", "") for name in form_class.base_fields}
    return form_class(offered_for(stands, tickets_of(stands, run)), data if sent else None)


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
