"""The named addresses that core's base templates use, so that core is tested without the packages above it."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest) -> HttpResponse:
    """A view that is never called; only its address is used."""
    return HttpResponse()


_workspace = ([path(f"w/{name}", nothing, name=name) for name in ("home", "create", "go")], "workspace")
urlpatterns = [path("", include(_workspace))]
