"""Redirect to the same page under another URL."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse


def to_same_page(request: HttpRequest, **names: object) -> HttpResponseBase | None:
    """Redirect to the same page with `names` as its URL arguments, keeping the query.

    None for other methods than GET and HEAD, so that nothing posted is lost.
    """
    match = request.resolver_match
    if request.method not in {"GET", "HEAD"} or match is None:
        return None
    query = request.META.get("QUERY_STRING", "")
    address = reverse(match.view_name, kwargs={**match.kwargs, **names})
    return redirect(f"{address}?{query}" if query else address)
