"""Redirect to the same page under another URL."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse


def to_same_page(request: HttpRequest, **names: object) -> HttpResponseBase | None:
    """A redirect to the same page with these parts of its address changed, the query kept. None for what is no reading,
    so that nothing sent is lost on the way."""
    match = request.resolver_match
    if request.method not in {"GET", "HEAD"} or match is None:
        return None
    query = request.META.get("QUERY_STRING", "")
    address = reverse(match.view_name, kwargs={**match.kwargs, **names})
    return redirect(f"{address}?{query}" if query else address)
