"""The customer's list preferences for «Запросы»: columns, sort order, saved filters."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.locks import lock
from otklik.people.models import Person
from otklik.portal.forms.saved_filters import ViewForm
from otklik.portal.listing import known_columns, known_sort, look_of, wanted_from, words_of
from otklik.portal.models import ListLook, SavedView
from otklik.portal.pages.list_columns import directions, offered_columns, offered_orders
from otklik.portal.view_access import for_persons, person_of

MOST_VIEWS = 30


@for_persons("GET", "POST")
def look(request: HttpRequest) -> HttpResponse:
    """Choose columns and sorting of the list."""
    person = person_of(request)
    if request.method == "POST":
        _keep_look(person, request.POST)
        messages.success(request, _("The list looks as you chose."))
        return redirect(_list_url(person, request.POST.get("back", "")))
    now = look_of(person)
    context = {
        "columns": offered_columns(now),
        "orders": offered_orders(now),
        "directions": directions(now),
        "back": request.GET.urlencode(),
    }
    return render(request, "portal/list_look.html", context)


@for_persons("GET", "POST")
def views(request: HttpRequest) -> HttpResponse:
    """List saved filters; POST saves the filter in `back` under a name."""
    if request.method != "POST":
        return _views(request)
    with transaction.atomic():
        # Of two filters saved at the same moment the second is counted, and its name compared, after the first.
        lock(Person, person_of(request).pk, weakly=True)
        return _views(request)


def _views(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    rows = SavedView.objects.filter(person=person).order_by("id")
    back = request.POST.get("back", "") if request.method == "POST" else request.GET.urlencode()
    form = ViewForm(request.POST if request.method == "POST" else None, person=person)
    full = rows.count() >= MOST_VIEWS
    if not full and form.is_valid():
        query = _words(person, back)
        SavedView.objects.create(person=person, name=form.cleaned_data["name"], words=query)
        messages.success(request, _("The filter «%(name)s» is saved.") % {"name": form.cleaned_data["name"]})
        return redirect(_list_url(person, back))
    context = {"form": form, "views": rows, "back": urlencode(_words(person, back)), "full": full, "most": MOST_VIEWS}
    return render(request, "portal/list_views.html", context, status=422 if request.method == "POST" else 200)


@for_persons("POST")
@transaction.atomic
def rename_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename a saved filter; an empty or used name is refused with a message."""
    person = person_of(request)
    lock(Person, person.pk, weakly=True)
    view = get_object_or_404(SavedView, pk=view_id, person=person)
    form = ViewForm(request.POST, person=person, view=view)
    if form.is_valid():
        view.name = form.cleaned_data["name"]
        view.save(update_fields=["name"])
        messages.success(request, _("The filter is called «%(name)s» now.") % {"name": view.name})
    else:
        messages.error(request, " ".join(str(error) for error in form.errors.get("name", [])))
    return redirect("portal:list_views")


@for_persons("POST")
def remove_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete one of the reader's saved filters."""
    view = get_object_or_404(SavedView, pk=view_id, person=person_of(request))
    view.delete()
    messages.success(request, _("The filter «%(name)s» is removed.") % {"name": view.name})
    return redirect("portal:list_views")


def _keep_look(person: Person, posted: QueryDict) -> None:
    defaults = {
        "columns": known_columns(posted.getlist("columns")),
        "sort": known_sort(posted.get("sort", "")),
        "descending": posted.get("direction", "") != "ASC",
    }
    ListLook.objects.update_or_create(person=person, defaults=defaults)


def _words(person: Person, back: str) -> dict[str, str]:
    """Parse and rewrite query parameters, so that only known ones are stored."""
    look = look_of(person)
    return words_of(wanted_from(QueryDict(back), look), look)


def _list_url(person: Person, back: str) -> str:
    query = {name: word for name, word in _words(person, back).items() if not name.startswith("sort")}
    return f"{reverse('portal:requests')}?{urlencode(query)}" if query else reverse("portal:requests")
