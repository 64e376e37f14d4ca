"""What the palette asks for while one types."""

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse

from otklik.workspace.desk_context import standing
from otklik.workspace.pages.palette import goals
from otklik.workspace.view_access import for_agents


@for_agents("GET")
def palette(request: HttpRequest) -> JsonResponse:
    """Return the pages matching the text `q`: {"goals": [{"kind", "label", "detail", "url"}]}."""
    pages = goals(standing(request), request.GET.get("q", ""))
    return JsonResponse({"goals": [asdict(goal) for goal in pages]})
