"""The agents' home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.workspace.entrance import for_agents, person_of
from otklik.workspace.pages.home import home_page


@for_agents("GET")
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the agent."""
    return render(request, "workspace/home.html", {"page": home_page(person_of(request))})
