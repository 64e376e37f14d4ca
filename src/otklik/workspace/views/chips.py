"""The form of one condition of a filter, and the text that comes of it."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from otklik.core.errors import UnableTo
from otklik.tickets.jql.evaluation_context import Asker
from otklik.workspace.chips.editor import ChipForm, without_condition
from otklik.workspace.forms.chip_condition import InvalidCondition
from otklik.workspace.htmx_fragments import fragment
from otklik.workspace.view_access import for_agents, person_of
from otklik.workspace.views.issues import TEMPLATE, filter_page


@for_agents("GET")
def chip(request: HttpRequest) -> HttpResponse:
    """Edit one condition of the filter `jql`; `chip`: see `ChipForm.of`.

    `apply` writes it into the text; `further` does so and continues with another condition joined to it; `out` removes
    one. Redirects to the resulting filter; htmx gets only the form.
    """
    asker = Asker(person_of(request), timezone.now(), at_work=True)
    if "out" in request.GET:
        left = without_condition(request.GET, asker)
        return _to(left if left is not None else request.GET.get("jql", ""), "chips")
    form = ChipForm.of(request.GET, asker)
    if form is None:
        return _to(request.GET.get("jql", ""), "id_jql")
    error = ""
    if "apply" in request.GET or "further" in request.GET:
        try:
            return _applied(form, goes_on="further" in request.GET)
        except (InvalidCondition, UnableTo) as refused:
            error = refused.translated() if isinstance(refused, UnableTo) else str(refused)
    if request.headers.get("HX-Request"):
        return fragment(TEMPLATE, "editor", {"editor": form.editor(error)})
    return filter_page(request, form.editor(error))


def _applied(form: ChipForm, *, goes_on: bool) -> HttpResponse:
    text = form.text()
    if goes_on:
        return redirect(f"{reverse('workspace:chip')}?{urlencode({'jql': text, 'chip': form.further})}")
    return _to(text, f"chip-{form.result}")


def _to(jql: str, anchor: str) -> HttpResponse:
    query = f"?{urlencode({'jql': jql})}" if jql else ""
    return redirect(f"{reverse('workspace:issues')}{query}#{anchor}")
