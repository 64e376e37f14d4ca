"""Tickets that a filter finds, at Jira's addresses of a search."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from otklik.tickets.jql.asker import Asker
from otklik.tickets.jql.suggest import suggest
from otklik.workspace.desk_context import standing
from otklik.workspace.entrance import for_agents, person_of
from otklik.workspace.pages.issues import issues_page


@for_agents("GET")
def issues(request: HttpRequest) -> HttpResponse:
    """The box for the text, and what it finds; 422 for one that cannot be understood or takes too long."""
    page = issues_page(standing(request), request.GET, timezone.now())
    return render(request, "workspace/issues.html", {"page": page}, status=422 if page.mistake else 200)


@for_agents("GET")
def suggestions(request: HttpRequest) -> JsonResponse:
    """What may come at the cursor, `at`, in the text `jql`: {"begin", "options": [{"label", "insert"}]}."""
    at = request.GET.get("at", "")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 6 else 0
    found = suggest(request.GET.get("jql", ""), place, Asker(person_of(request), timezone.now(), at_work=True))
    return JsonResponse({"begin": found.begin, "options": [asdict(option) for option in found.options]})


@for_agents("GET")
def navigator(request: HttpRequest) -> HttpResponse:
    """The address of older Jiras, with its text under another name."""
    jql = request.GET.get("jqlQuery", request.GET.get("jql", ""))
    query = f"?{urlencode({'jql': jql})}" if jql else ""
    return redirect(reverse("workspace:issues") + query)
