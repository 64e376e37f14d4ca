"""Responses to htmx: one partial of a template, without the page's frame and its queries."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string


def fragment(template: str, part: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render the partial `part` of the page `template`. It sees only `context`: no `frame`, `request` or CSRF token."""
    return HttpResponse(render_to_string(f"{template}#{part}", context), status=status)


def whole_page() -> HttpResponse:
    """Tell htmx to reload the page, when the requested part cannot be rendered; the page then shows the reason."""
    return HttpResponse(headers={"HX-Refresh": "true"})
