"""Making, changing, hiding, ordering and starring queues."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.desks.commands import queues as commands
from otklik.desks.commands.queues import version_of
from otklik.desks.models import Desk, Queue
from otklik.desks.refusals import DeskRefusal
from otklik.tickets.jql.parse import LONGEST
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.chips.bar import Bar
from otklik.workspace.desk_context import Standing, standing
from otklik.workspace.forms.archive import wants_archived
from otklik.workspace.forms.queue import MINE, QueueForm, initial_of
from otklik.workspace.new_queue_session import store_form, take_form
from otklik.workspace.pages.queue_edit import Preview, others_change, preview_of, queue_rows, removed_lines
from otklik.workspace.queue_texts import for_chips, from_chips, text_of
from otklik.workspace.view_access import actor_of, for_agents, for_leads, person_of
from otklik.workspace.views.queue_chips import chips_context
from otklik.workspace.views.settings import show_settings
from otklik.workspace.views.settings_types import back_or_nothing, wanted_order

TEMPLATE = "workspace/queue_form.html"


@for_leads("GET")
def queues(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the desk's queues in order."""
    removed = commands.removed_queues(timezone.now(), desk=desk)
    return show_settings(
        request,
        desk,
        "settings_queues",
        "workspace/settings/queues.html",
        rows=queue_rows(desk),
        removed=removed_lines(removed, request.GET.get("deleted", "")),
    )


@for_leads("POST")
def order(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Set the order of the desk's queues."""
    # In the order of the page, where hidden queues come last, so that moving by one place works.
    ids = list(desk.queues.order_by("hidden", "position", "id").values_list("pk", flat=True))
    commands.order_queues(actor=actor_of(request), at=timezone.now(), desk=desk, order=wanted_order(request, ids))
    return back_or_nothing(request, "workspace:settings_queues", key=desk.key)


@for_agents("GET", "POST")
def add(request: HttpRequest) -> HttpResponse:
    """Add a queue from the text `jql`, or as a copy of the queue `copy`, for oneself or for a desk that one leads.

    The button `preview` only shows its first rows.
    """
    stands = standing(request)
    led = [desk for desk in stands.desks if desk.pk in stands.led]
    unfinished = take_form(request, 0, timezone.now()) if request.method == "GET" else None
    initial = _initial(request, stands)
    if unfinished:
        initial |= unfinished.initial(initial["jql"] if "jql" in request.GET else None)
    form = QueueForm(request.POST or None, desks=led, initial=initial)
    whose = form["whose"].value() if "whose" in form.fields else MINE
    return _edited(request, form, _led(stands, str(whose or MINE)), None)


@for_agents("GET", "POST")
def edit(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Edit name, filter, icon and columns."""
    stands, queue = standing(request), changeable(request, queue_id)
    desk = desk_of(stands, queue)
    unfinished = take_form(request, queue.pk, timezone.now()) if request.method == "GET" else None
    chosen = from_chips(request.GET["jql"][:LONGEST], desk) if "jql" in request.GET else None
    text = text_of(stands, desk, queue.pk, timezone.now()) if chosen is None else chosen
    initial = initial_of(queue, jql=text) | (unfinished.initial(chosen) if unfinished else {})
    form = QueueForm(request.POST or None, desks=None, initial=initial)
    return _edited(request, form, desk, queue, before=request.POST.get("before", initial.get("before")))


@for_agents("POST")
def hide(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Hide a queue from the sidebars, or show it again."""
    queue = changeable(request, queue_id)
    hidden = wants_archived(request.POST, is_archived=queue.hidden)
    commands.change_queue(actor=actor_of(request), at=timezone.now(), queue=queue, values={"hidden": hidden})
    messages.success(request, _("The queue is hidden now.") if hidden else _("The queue is shown again."))
    return redirect(list_url(standing(request), queue))


@for_agents("POST")
def star(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Star a queue (`starred` 1), or remove the star."""
    stands = standing(request)
    line = next((line for line in stands.queues if line.id == queue_id), None)
    if line is None:
        raise Http404
    commands.star_queue(actor=actor_of(request), queue_id=queue_id, starred=request.POST.get("starred") == "1")
    return redirect("workspace:own_queues" if request.POST.get("next") == "own" else stands.queue_url(line))


def _initial(request: HttpRequest, stands: Standing) -> dict[str, Any]:
    whose, jql = request.GET.get("for", ""), request.GET.get("jql", "")[:LONGEST]
    line = next((line for line in stands.queues if line.id == typed_id(request.GET.get("copy", ""))), None)
    if line is None:
        return initial_of(None, jql=from_chips(jql, _led(stands, whose)), whose=whose)
    desk = next((desk for desk in stands.desks if desk.pk == line.desk), None)
    text = text_of(stands, desk, line.id, timezone.now())
    name = _("%(name)s (copy)") % {"name": line.label}
    return initial_of(Queue.objects.get(pk=line.id), jql=text, whose=desk.key if desk else whose, name=name[:100])


def _edited(
    request: HttpRequest, form: QueueForm, desk: Desk | None, queue: Queue | None, before: str | None = None
) -> HttpResponse:
    """Render the form with a preview, or save a valid one. 422 with everything typed if it is refused."""
    stands, at = standing(request), timezone.now()
    sent = request.method == "POST"
    text = str(form["jql"].value() or "").strip()
    if sent and "chips" in request.POST:
        store_form(request, queue.pk if queue else 0, at)
        return redirect(f"{reverse('workspace:issues')}?{urlencode({'jql': for_chips(text, desk)})}")
    columns = form["columns"].value() or ()
    preview, others = (
        preview_of(stands, desk, text, at, columns=columns) if sent or text else Preview(bar=Bar([], "")),
        None,
    )
    if sent and "preview" not in request.POST and form.is_valid() and preview.mistake is None:
        values = {**form.values(), "jql": preview.jql, "typed": text}
        try:
            saved = _save(request, desk, queue, values, before)
        except UnableTo as refusal:
            changed = refusal.refusal is DeskRefusal.QUEUE_CHANGED_MEANWHILE
            others = others_change(stands, desk, queue.pk, at) if queue and changed else None
            form.add_error(None if others else "name", refusal_words(refusal))
        else:
            messages.success(request, _("The queue is saved."))
            return redirect(reverse("workspace:queue", args=[desk.key, saved.pk]) if desk else _own_url(saved))
    context = {
        "form": form, "desk": desk, "queue": queue, "preview": preview, "longest": LONGEST, "text": text,
        "back": list_url(stands, queue) if queue else "", "others": others,
        **chips_context(stands, desk, is_new=queue is None),
        "before": others.version if others else before or (version_of(queue) if queue else ""),
    }  # fmt: skip
    refused = sent and ("preview" not in request.POST or preview.mistake is not None)
    return render(request, TEMPLATE, context, status=422 if refused else 200)


def _save(
    request: HttpRequest, desk: Desk | None, queue: Queue | None, values: dict[str, Any], before: str | None
) -> Queue:
    actor, at = actor_of(request), timezone.now()
    if queue is not None:
        commands.change_queue(actor=actor, at=at, queue=queue, values=values, before=before)
        return queue
    if desk is not None:
        return commands.add_queue(actor=actor, at=at, desk=desk, values=values)
    return commands.add_own_queue(actor=actor, values=values)


def _led(stands: Standing, key: str) -> Desk | None:
    desk = stands.desk(key)
    return desk if desk is not None and desk.pk in stands.led else None


def desk_of(stands: Standing, queue: Queue) -> Desk | None:
    """Return the queue's desk, None if it belongs to no desk."""
    return next((desk for desk in stands.desks if desk.pk == queue.desk_id), None)


def changeable(request: HttpRequest, queue_id: int, *, removed: bool = False) -> Queue:
    """Return the queue if the reader may change it. Raises Http404. `removed`: include deleted queues."""
    queues = Queue.with_removed if removed else Queue.objects
    queue = queues.select_related("desk").filter(pk=queue_id).first()
    if queue is None or not commands.may_change(person_of(request), queue, standing(request).led):
        raise Http404
    return queue


def list_url(stands: Standing, queue: Queue) -> str:
    """Return the URL of the page that lists this queue."""
    desk = desk_of(stands, queue)
    return reverse("workspace:settings_queues", args=[desk.key]) if desk else reverse("workspace:own_queues")


def _own_url(queue: Queue) -> str:
    return reverse("workspace:beside_queue", args=[queue.pk])
