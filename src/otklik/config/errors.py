"""Answers for what goes wrong outside any page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: say what to do instead of what failed."""
    hint = _("The page was open for too long. Go back, reload it and send the form again.")
    return render(request, "403.html", {"hint": hint}, status=403)
