"""Mark views that accept file uploads; only their request bodies may be large (config.body_limits)."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def takes_files(view: View) -> View:
    """Decorator: allow large request bodies, as the view accepts uploads. Other decorators keep the mark
    (functools.wraps)."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view
