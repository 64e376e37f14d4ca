"""Making, changing, hiding, ordering, deleting and starring queues."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.ids import typed_id
from otklik.desks.commands import queues as commands
from otklik.desks.models import Desk, Queue
from otklik.tickets.jql.parse import LONGEST
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.desk_context import Standing, standing
from otklik.workspace.entrance import actor_of, for_agents, for_leads, person_of
from otklik.workspace.forms.archive import wants_archived
from otklik.workspace.forms.queue import MINE, QueueForm, initial_of
from otklik.workspace.pages.queue_edit import Preview, preview_of, queue_rows
from otklik.workspace.queue_texts import text_of
from otklik.workspace.views.settings import show_settings
from otklik.workspace.views.settings_types import back_or_nothing, wanted_order

TEMPLATE = "workspace/queue_form.html"


@for_leads("GET")
def queues(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The desk's queues in order."""
    return show_settings(request, desk, "settings_queues", "workspace/settings/queues.html", rows=queue_rows(desk))


@for_leads("POST")
def order(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Another order of the queues: one moved a place, or all named anew."""
    # As the page has them: hidden ones are no neighbours of those that are shown.
    ids = list(desk.queues.order_by("hidden", "position", "id").values_list("pk", flat=True))
    commands.order_queues(actor=actor_of(request), at=timezone.now(), desk=desk, order=wanted_order(request, ids))
    return back_or_nothing(request, "workspace:settings_queues", key=desk.key)


@for_agents("GET", "POST")
def add(request: HttpRequest) -> HttpResponse:
    """A further queue, from the text `jql` or as a copy of the queue `copy`; for oneself or for a desk that one leads.
    With the button `preview` its first rows are shown, and nothing is saved."""
    stands = standing(request)
    led = [desk for desk in stands.desks if desk.pk in stands.led]
    form = QueueForm(request.POST or None, desks=led, initial=_initial(request, stands))
    whose = form["whose"].value() if "whose" in form.fields else MINE
    return _edited(request, form, _led(stands, str(whose or MINE)), None)


@for_agents("GET", "POST")
def edit(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Another name, filter, icon or other columns."""
    stands, queue = standing(request), _changeable(request, queue_id)
    desk = _desk_of(stands, queue)
    initial = initial_of(queue, jql=text_of(stands, desk, queue.pk, timezone.now()))
    return _edited(request, QueueForm(request.POST or None, desks=None, initial=initial), desk, queue)


@for_agents("POST")
def hide(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Take a queue out of the side bars, or bring it back."""
    queue = _changeable(request, queue_id)
    hidden = wants_archived(request.POST, is_archived=queue.hidden)
    commands.change_queue(actor=actor_of(request), at=timezone.now(), queue=queue, values={"hidden": hidden})
    messages.success(request, _("The queue is hidden now.") if hidden else _("The queue is shown again."))
    return redirect(_list_url(standing(request), queue))


@for_agents("POST")
def delete(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Delete a queue for ever."""
    queue = _changeable(request, queue_id)
    there = _list_url(standing(request), queue)
    commands.remove_queue(actor=actor_of(request), at=timezone.now(), queue=queue)
    messages.success(request, _("The queue is deleted."))
    return redirect(there)


@for_agents("POST")
def star(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Put a queue among one's starred ones, `starred` 1, or take it out."""
    stands = standing(request)
    line = next((line for line in stands.queues if line.id == queue_id), None)
    if line is None:
        raise Http404
    commands.star_queue(actor=actor_of(request), queue_id=queue_id, starred=request.POST.get("starred") == "1")
    return redirect(stands.queue_url(line))


def _initial(request: HttpRequest, stands: Standing) -> dict[str, Any]:
    whose, jql = request.GET.get("for", ""), request.GET.get("jql", "")[:LONGEST]
    line = next((line for line in stands.queues if line.id == typed_id(request.GET.get("copy", ""))), None)
    if line is None:
        return initial_of(None, jql=jql, whose=whose)
    desk = next((desk for desk in stands.desks if desk.pk == line.desk), None)
    text = text_of(stands, desk, line.id, timezone.now())
    name = _("%(name)s (copy)") % {"name": line.label}
    return initial_of(Queue.objects.get(pk=line.id), jql=text, whose=desk.key if desk else whose, name=name[:100])


def _edited(request: HttpRequest, form: QueueForm, desk: Desk | None, queue: Queue | None) -> HttpResponse:
    """The form with a preview, or what comes of a valid one; 422 with everything typed where it is refused."""
    stands, at = standing(request), timezone.now()
    sent = request.method == "POST"
    text = str(form["jql"].value() or "").strip()
    preview = preview_of(stands, desk, text, at) if sent or text else Preview()
    if sent and "preview" not in request.POST and form.is_valid() and preview.mistake is None:
        values = {**form.values(), "jql": preview.jql, "typed": text}
        try:
            saved = _save(request, desk, queue, values)
        except UnableTo as refusal:
            form.add_error("name", refusal_words(refusal))
        else:
            messages.success(request, _("The queue is saved."))
            return redirect(reverse("workspace:queue", args=[desk.key, saved.pk]) if desk else _own_url(saved))
    context = {
        "form": form, "desk": desk, "queue": queue, "preview": preview, "longest": LONGEST, "text": text,
        "back": _list_url(stands, queue) if queue else "",
    }  # fmt: skip
    refused = sent and ("preview" not in request.POST or preview.mistake is not None)
    return render(request, TEMPLATE, context, status=422 if refused else 200)


def _save(request: HttpRequest, desk: Desk | None, queue: Queue | None, values: dict[str, Any]) -> Queue:
    actor, at = actor_of(request), timezone.now()
    if queue is not None:
        commands.change_queue(actor=actor, at=at, queue=queue, values=values)
        return queue
    if desk is not None:
        return commands.add_queue(actor=actor, at=at, desk=desk, values=values)
    return commands.add_own_queue(actor=actor, values=values)


def _led(stands: Standing, key: str) -> Desk | None:
    desk = stands.desk(key)
    return desk if desk is not None and desk.pk in stands.led else None


def _desk_of(stands: Standing, queue: Queue) -> Desk | None:
    return next((desk for desk in stands.desks if desk.pk == queue.desk_id), None)


def _changeable(request: HttpRequest, queue_id: int) -> Queue:
    """The queue, if the reader may change it. Raises Http404."""
    queue = Queue.objects.select_related("desk").filter(pk=queue_id).first()
    if queue is None or not commands.may_change(person_of(request), queue, standing(request).led):
        raise Http404
    return queue


def _list_url(stands: Standing, queue: Queue) -> str:
    desk = _desk_of(stands, queue)
    return reverse("workspace:settings_queues", args=[desk.key]) if desk else reverse("workspace:issues")


def _own_url(queue: Queue) -> str:
    return reverse("workspace:beside_queue", args=[queue.pk])
