"""Look up callers while the agent types. Read-only."""

from django.http import HttpRequest, HttpResponse

from otklik.core.ids import typed_id
from otklik.core.upload_views import takes_files
from otklik.desks.models import Desk
from otklik.workspace.forms.create import CreateForm
from otklik.workspace.view_access import for_desk
from otklik.workspace.views.create import show


@for_desk("POST")
@takes_files
def caller(request: HttpRequest, desk: Desk) -> HttpResponse:
    """`choose` or `forget` a caller, otherwise search. Without htmx the whole page is returned.

    A POST although it writes nothing, so that names and phone numbers do not get into URLs and logs.
    """
    data = request.POST.copy()
    if "forget" in data:
        data["person"] = ""
    elif "choose" in data:
        data["person"] = str(data["choose"])
    chosen = typed_id(str(data.get("person", ""))) or None
    form = CreateForm(desk, data)
    # The form is not submitted yet, so errors would be premature.
    form.errors.clear()
    choosing = "choose" in data or "forget" in data
    part = "" if not request.headers.get("HX-Request") else "who" if choosing else "callers"
    return show(request, desk, form, chosen, part=part)
