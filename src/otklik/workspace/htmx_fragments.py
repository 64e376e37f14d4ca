"""Responses to htmx: one partial of a template, without the page's frame and its queries."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string


def fragment(template: str, part: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The partial `part` of the page `template`. It sees `context` alone: no `frame`, no `request`, no CSRF token."""
    return HttpResponse(render_to_string(f"{template}#{part}", context), status=status)


def whole_page() -> HttpResponse:
    """To htmx, where the part that it asked for cannot be given: load the page anew, which says why."""
    return HttpResponse(headers={"HX-Refresh": "true"})
