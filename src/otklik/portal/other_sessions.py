"""End a person's sessions in other browsers, as after every change of credentials."""

from django.http import HttpRequest
from django.utils import timezone

from otklik.people.commands.sessions import end_sessions
from otklik.portal.view_access import actor_of, person_of


def log_others_out(request: HttpRequest) -> int:
    """End all of the reader's sessions but this one; return their number.

    Call after every change of login methods or addresses (section 3.3).
    """
    key = request.session.session_key or ""
    return end_sessions(actor=actor_of(request), at=timezone.now(), person=person_of(request), but=key)
