"""How a list looks: its columns, their order, what it is sorted by, how close its rows stand. For each person alone."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.models import Desk
from otklik.workspace.desk_context import standing
from otklik.workspace.forms.list_look import chosen_in
from otklik.workspace.list_look import keep_look, look_of
from otklik.workspace.pages.list_columns import list_columns
from otklik.workspace.pages.list_look import known_columns, look_page
from otklik.workspace.pages.rows import USUAL
from otklik.workspace.queue_links import queue_url
from otklik.workspace.queue_reads import ORDERS, BrokenQueue, QueueRead
from otklik.workspace.view_access import for_agents, for_desk, person_of

# Sortings of a queue; a filter's text has its own.
SORTINGS = tuple(f"{sign}{name}" for name in ORDERS for sign in ("", "-"))


@for_desk("GET", "POST")
def queue_look(request: HttpRequest, desk: Desk, queue_id: int) -> HttpResponse:
    """Choose the look of a queue's list."""
    return _queue(request, desk, queue_id)


@for_agents("GET", "POST")
def beside_look(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Choose the look of the list of a queue without a desk."""
    return _queue(request, None, queue_id)


def _queue(request: HttpRequest, desk: Desk | None, queue_id: int) -> HttpResponse:
    stands = standing(request)
    queue = stands.queue(desk, queue_id)
    if queue is None:
        raise Http404
    key, desks = (desk.key, [desk.pk]) if desk else ("", stands.desk_ids)
    url, back = queue_url(queue, key, "queue_look"), queue_url(queue, key)
    if request.method == "POST" and "sort" in request.POST:
        return _sorted(request, stands.reads[queue_id], queue_id, back)
    return _look(request, url, back, queue.label, desks, queue_id, queue.columns, SORTINGS)


def _sorted(request: HttpRequest, read: QueueRead | BrokenQueue, queue_id: int, back: str) -> HttpResponse:
    """Change only the sorting, as a column heading asks; the queue's own sorting is stored as ""."""
    person, sort = person_of(request), request.POST["sort"]
    own = isinstance(read, QueueRead) and read.order == sort
    look = look_of(person, queue_id)
    keep_look(person, queue_id, look.columns, sort if sort in SORTINGS and not own else "", look.density)
    return redirect(back)


@for_agents("GET", "POST")
def filter_look(request: HttpRequest) -> HttpResponse:
    """Choose the look of the lists of filters."""
    url = reverse("workspace:issues_look")
    return _look(request, url, _filter(request), _("Filter"), standing(request).desk_ids, 0, USUAL, ())


def _look(
    request: HttpRequest,
    url: str,
    back: str,
    name: str,
    desks: Sequence[int],
    queue: int,
    columns: Sequence[str],
    sortings: Sequence[str],
) -> HttpResponse:
    person = person_of(request)
    look = look_of(person, queue)
    shown = list_columns(desks, look.columns or columns).names
    known = known_columns(desks, shown)
    here = f"{url}?{request.GET.urlencode()}" if request.GET else url
    if request.method == "POST":
        chosen = chosen_in(request.POST, known, sortings)
        # Columns equal to the default are not stored, so that later changes of the default apply.
        own = list_columns(desks, columns).names == chosen.look.columns
        keep_look(person, queue, () if own else chosen.look.columns, chosen.look.sorting, chosen.look.density)
        return redirect(f"{here}{'&' if request.GET else '?'}moved={chosen.moved}" if chosen.moved else back)
    page = look_page(
        name=name,
        url=here,
        back=back,
        known=known,
        shown=shown,
        look=look,
        sortings=sortings,
        moved=request.GET.get("moved", ""),
    )
    return render(request, "workspace/list_look.html", {"page": page})


def _filter(request: HttpRequest) -> str:
    """Return the URL of the filter's list the person came from (`back`), if it is one."""
    issues, back = reverse("workspace:issues"), request.GET.get("back", "")
    # Only the path is compared; the filter after it may be long.
    return back if back.partition("?")[0] == issues else issues
