"""Record, list and end the login sessions of a person (section 3.3)."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.events import SessionsEnded
from otklik.people.models import LoginSession, Person


def note_session(
    *, person: Person, session_key: str, former_key: str, address: str | None, browser: str, at: datetime
) -> None:
    """Create or update the row of a login session. `former_key`: its key before rotation, "" for a new one."""
    seen = {"person": person, "address": address, "browser": browser[:400], "seen_at": at}
    if former_key and former_key != session_key:
        LoginSession.objects.filter(session_key=former_key).update(session_key=session_key)
    LoginSession.objects.update_or_create(
        session_key=session_key, defaults=seen, create_defaults={**seen, "created_at": at}
    )


def sessions_of(person: Person, at: datetime) -> list[LoginSession]:
    """Return the person's live sessions, the last used first. Deletes rows of expired ones."""
    rows = list(LoginSession.objects.filter(person=person).order_by("-seen_at", "-id"))
    alive = set(
        Session.objects.filter(pk__in=[session.session_key for session in rows], expire_date__gt=at).values_list(
            "pk", flat=True
        )
    )
    LoginSession.objects.filter(pk__in=[session.pk for session in rows if session.session_key not in alive]).delete()
    return [session for session in rows if session.session_key in alive]


def end_sessions(*, actor: Actor, at: datetime, person: Person, but: str = "", only: int | None = None) -> int:
    """End the person's sessions; return their number. `only`: the pk of the single row to end; `but`: the session key
    to spare."""
    rows = LoginSession.objects.filter(person=person).exclude(session_key=but)
    if only is not None:
        rows = rows.filter(pk=only)
    keys = list(rows.values_list("session_key", flat=True))
    with transaction.atomic():
        Session.objects.filter(pk__in=keys).delete()
        rows.delete()
        if keys:
            record(SessionsEnded(count=len(keys)), about=person.pk, by=actor, at=at)
    return len(keys)
