"""Deleting a queue, and bringing it back."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.commands import queues as commands
from otklik.desks.models import Desk, QueueChoice
from otklik.desks.texts import name_of
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.desk_context import standing
from otklik.workspace.view_access import actor_of, for_agents, person_of
from otklik.workspace.views.queue_edit import changeable, desk_of, list_url


@for_agents("GET", "POST")
def delete(request: HttpRequest, queue_id: int) -> HttpResponse:
    """GET: ask for confirmation. POST: delete. The next page offers to restore it."""
    stands, queue = standing(request), changeable(request, queue_id)
    if request.method == "POST":
        commands.remove_queue(actor=actor_of(request), at=timezone.now(), queue=queue)
        return redirect(f"{list_url(stands, queue)}?{urlencode({'deleted': queue.pk})}")
    others = QueueChoice.objects.filter(queue=queue, starred=True).exclude(person=person_of(request))
    context = {
        "queue": queue,
        "name": name_of(queue),
        "desk": desk_of(stands, queue),
        "starred": others.count(),
        "days": commands.KEPT.days,
    }
    return render(request, "workspace/queue_delete.html", context)


def deleted_queue(request: HttpRequest, desk: Desk | None, queue_id: int) -> HttpResponse:
    """Return a 404 page that says that this queue was deleted, with a way to restore it for those who may.

    Raises Http404 if it was not deleted recently.
    """
    stands, at = standing(request), timezone.now()
    removed = commands.removed_queues(at, desk=desk, owner=None if desk else stands.person)
    if desk is None and len(stands.desks) > 1:
        removed += commands.removed_queues(at)
    queue = next((queue for queue in removed if queue.pk == queue_id), None)
    if queue is None:
        raise Http404
    may_restore = commands.may_change(stands.person, queue, stands.led)
    context = {"queue": queue, "name": name_of(queue), "may_restore": may_restore}
    return render(request, "workspace/queue_deleted.html", context, status=404)


@for_agents("POST")
def restore(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Restore a deleted queue."""
    queue = changeable(request, queue_id, removed=True)
    try:
        commands.restore_queue(actor=actor_of(request), at=timezone.now(), queue=queue)
        messages.success(request, _("The queue is there again."))
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect(list_url(standing(request), queue))
