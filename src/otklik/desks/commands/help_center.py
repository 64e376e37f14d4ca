"""Settings of the help center above all desks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.locks import lock
from otklik.desks.commands.settings import UnableToChangeDesk
from otklik.desks.events import CenterChanged
from otklik.desks.models import Center
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.refusals import PersonRefusal


def change_center(*, actor: Actor, at: datetime, announcement: str, texts: Mapping[str, Mapping[str, str]]) -> bool:
    """Set the help centre's announcement and its translations ({language: {"announcement": text}}); "" for none.

    For site administrators (UnableToChangeDesk). Returns whether anything changed; the event stores the previous text.
    """
    if not actor.runs_site:
        raise UnableToChangeDesk(PersonRefusal.ADMINS_ONLY)
    with transaction.atomic():
        Center.objects.bulk_create([Center(pk=1)], ignore_conflicts=True)
        center = lock(Center, 1)
        before = {"announcement": center.announcement, "texts": center.texts}
        after = {"announcement": announcement, "texts": {code: dict(values) for code, values in texts.items()}}
        if before == after:
            return False
        center.announcement, center.texts = announcement, after["texts"]
        center.save()
        record(CenterChanged(before=before, after=after), about=1, by=actor, at=at)
    return True


def words_before() -> dict[str, Any] | None:
    """Return the values before the last change; None if there was none."""
    last = Event.objects.filter(CenterChanged.where(), subject_kind="center", subject_id=1).order_by("-id").first()
    return last.typed.before if last is not None and isinstance(last.typed, CenterChanged) else None


def take_center_back(*, actor: Actor, at: datetime) -> bool:
    """Undo the last change; doing so twice restores it. Returns whether anything changed.

    Raises UnableToChangeDesk as `change_center` does.
    """
    before = words_before()
    if before is None:
        return False
    return change_center(actor=actor, at=at, announcement=before["announcement"], texts=before["texts"])
