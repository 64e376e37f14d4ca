"""The addresses by name that the bases ask for, so that core is tested without the floors above it."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest) -> HttpResponse:
    """Never called: only its address counts."""
    return HttpResponse()


_workspace = ([path(f"w/{name}", nothing, name=name) for name in ("home", "create", "go")], "workspace")
urlpatterns = [path("", include(_workspace))]
