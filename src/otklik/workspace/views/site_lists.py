"""Resolutions and issue types, the lists shared by all desks, for site administrators."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.errors import UnableTo
from otklik.desks.commands.site_lists import add_entry, change_entry, put_first
from otklik.desks.models import IssueType, Resolution
from otklik.ui.refusal_words import refusal_words
from otklik.workspace.forms.archive import wants_archived
from otklik.workspace.forms.statuses import EntryForm
from otklik.workspace.view_access import actor_of, for_admins


@dataclass(frozen=True, slots=True)
class SiteList:
    """A site-wide list. `word`: its name in URLs; `table`: its model; `hint`: the explanation on its page."""

    word: str
    table: Any
    title: Promise
    hint: Promise


LISTS = {
    site_list.word: site_list
    for site_list in (
        SiteList(
            "resolutions",
            Resolution,
            gettext_lazy("Resolutions"),
            gettext_lazy(
                "How a request ended. All desks choose from this list; customers do not see it. The first one is what a"
                " request gets where the step that ends it says nothing."
            ),
        ),
        SiteList(
            "issue-types",
            IssueType,
            gettext_lazy("Issue types"),
            gettext_lazy(
                "What filters and scripts call the kinds of work. A request type is of one of them; customers do not"
                " see it. The first one is what a new request type gets."
            ),
        ),
    )
}


@for_admins("GET", "POST")
def entries(request: HttpRequest, table: str) -> HttpResponse:
    """Show a site-wide list in order, with a form that adds an entry."""
    known = _list(table)
    form = EntryForm(None, request.POST if request.method == "POST" else None)

    def act() -> None:
        names = {"name": form.cleaned_data["name"], "names": form.names()}
        added = add_entry(actor=actor_of(request), at=timezone.now(), table=known.table, **names)
        messages.success(request, _("«%(name)s» is added.") % {"name": added.name})

    if _done(request, form, act):
        return redirect("workspace:site_list", table=table)
    rows = known.table.objects.order_by("archived", "position", "id")
    first = next((row.pk for row in rows if not row.archived), 0)
    context = {"list": known, "rows": rows, "first": first, "form": form}
    return render(request, "workspace/settings/site_list.html", context, status=_status(request))


@for_admins("GET", "POST")
def entry(request: HttpRequest, table: str, entry_id: int) -> HttpResponse:
    """Edit the names of an entry in all languages."""
    known, edited = _list(table), _entry(table, entry_id)
    form = EntryForm(edited, request.POST if request.method == "POST" else None)

    def act() -> None:
        names = {"name": form.cleaned_data["name"], "names": form.names()}
        change_entry(actor=actor_of(request), at=timezone.now(), entry=edited, **names)
        messages.success(request, _("«%(name)s» is saved.") % {"name": form.cleaned_data["name"]})

    if _done(request, form, act):
        return redirect("workspace:site_list", table=table)
    context = {"list": known, "entry": edited, "form": form}
    return render(request, "workspace/settings/site_entry.html", context, status=_status(request))


@for_admins("POST")
def archive(request: HttpRequest, table: str, entry_id: int) -> HttpResponse:
    """Archive an entry, or restore it."""
    archived_entry = _entry(table, entry_id)
    wanted = wants_archived(request.POST, is_archived=archived_entry.archived)
    try:
        change_entry(actor=actor_of(request), at=timezone.now(), entry=archived_entry, archived=wanted)
        notice = _("«%(name)s» is out of use now.") if wanted else _("«%(name)s» is in use again.")
        messages.success(request, notice % {"name": archived_entry.name})
    except UnableTo as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect("workspace:site_list", table=table)


@for_admins("POST")
def first(request: HttpRequest, table: str, entry_id: int) -> HttpResponse:
    """Make an entry the default, which is the first one."""
    default = _entry(table, entry_id)
    put_first(actor=actor_of(request), at=timezone.now(), entry=default)
    messages.success(request, _("«%(name)s» is the first one now.") % {"name": default.name})
    return redirect("workspace:site_list", table=table)


def _list(word: str) -> SiteList:
    if word not in LISTS:
        raise Http404
    return LISTS[word]


def _entry(word: str, entry_id: int) -> Any:
    row = _list(word).table.objects.filter(pk=entry_id).first()
    if row is None:
        raise Http404
    return row


def _done(request: HttpRequest, form: EntryForm, act: Callable[[], None]) -> bool:
    """Return whether the form was posted, valid and accepted; a refusal is added to the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except UnableTo as refusal:
        form.add_error("name", refusal_words(refusal))
        return False
    return True


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200
