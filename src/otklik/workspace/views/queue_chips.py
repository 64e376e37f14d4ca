"""The conditions of a queue, changed by chips within its form."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from otklik.core.errors import UnableTo
from otklik.desks.models import Desk
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.parse import LONGEST
from otklik.workspace.chips.editor import ChipForm, Editor, without_condition
from otklik.workspace.desk_context import Standing, standing
from otklik.workspace.forms.chip_condition import InvalidCondition
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.pages.queue_edit import preview_of
from otklik.workspace.queue_texts import asker_for, for_chips
from otklik.workspace.view_access import for_agents

TEMPLATE = "workspace/queue_form.html"
# Selectors of form fields that htmx sends along: the text and columns, and for a new queue also its desk.
_TEXT, _WITH_DESK = "#id_jql, [name=columns]", "#id_jql, [name=columns], [name=whose]"


def chips_context(stands: Standing, desk: Desk | None, *, is_new: bool) -> dict[str, Any]:
    """Return the template's context for chips in the form of a queue."""
    url = reverse("workspace:queue_chip")
    return {
        "chip_url": url if is_new else f"{url}?{urlencode({'whose': desk.key if desk else '', 'kept': 1})}",
        "chip_include": _WITH_DESK if is_new else _TEXT,
        "person_id": stands.person.pk,
    }


@for_agents("GET")
def queue_chip(request: HttpRequest) -> HttpResponse:
    """Like `views.chips.chip`, for the text `jql` in the form of a queue. Saves nothing.

    `whose`: key of the queue's desk, "" for all of the reader's; `kept`: it is an existing queue. Returns the form of a
    condition, or the chips and the first rows of the resulting text. Without htmx, redirects to the filter page.
    """
    stands, text = standing(request), request.GET.get("jql", "").strip()[:LONGEST]
    desk = stands.desk(request.GET.get("whose", ""))
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('workspace:issues')}?{urlencode({'jql': for_chips(text, desk)})}")
    asker = asker_for(stands, desk, timezone.now())
    if "out" in request.GET:
        left = without_condition(request.GET, asker)
        return _chosen(request, desk, text if left is None else left, focus="chip-new")
    form = ChipForm.of(request.GET, asker)
    if form is None:
        return _chosen(request, desk, text)
    error = ""
    if "apply" in request.GET or "further" in request.GET:
        try:
            changed = form.text()
        except (InvalidCondition, UnableTo) as refused:
            error = refused.translated() if isinstance(refused, UnableTo) else str(refused)
        else:
            further = _editor_of(changed, form.further, asker) if "further" in request.GET else None
            return _chosen(request, desk, changed, editor=further, focus=f"chip-{form.result}")
    return fragment(TEMPLATE, "chip_editor", {"editor": form.editor(error), "editor_url": _editor_url(request, desk)})


def _editor_url(request: HttpRequest, desk: Desk | None) -> str:
    """Return the URL that the form of a condition is sent to; it carries the desk, which the form does not."""
    parameters = {"kept": request.GET["kept"]} if "kept" in request.GET else {}
    return f"{reverse('workspace:queue_chip')}?{urlencode({'whose': desk.key if desk else '', **parameters})}"


def _editor_of(text: str, place: str, asker: Asker) -> Editor | None:
    form = ChipForm.of(QueryDict(urlencode({"jql": text, "chip": place})), asker)
    return form.editor() if form is not None else None


def _chosen(
    request: HttpRequest, desk: Desk | None, text: str, *, editor: Editor | None = None, focus: str = ""
) -> HttpResponse:
    """Render the chips and rows of the text, with the form of a further condition if `editor` is given.

    `focus`: id of the element to focus; "" if the chips were updated because the text changed.
    """
    stands = standing(request)
    context = {
        "text": text,
        "desk": desk,
        "preview": preview_of(stands, desk, text, timezone.now(), columns=request.GET.getlist("columns")),
        "editor": editor,
        "editor_url": _editor_url(request, desk),
        "focus": focus,
        "chosen": bool(focus),
        **chips_context(stands, desk, is_new="kept" not in request.GET),
    }
    return fragment(TEMPLATE, "chosen", context)
