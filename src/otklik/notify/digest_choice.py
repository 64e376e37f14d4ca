"""How often a person wants mail (Person.notices): at once, daily, or only what needs them.

That a request was accepted or closed, an invitation, an approval and whatever concerns agents comes at once in any
case; a choice may thin out news, never hide that something is asked of somebody.
"""

import zoneinfo
from datetime import datetime, timedelta

from django.conf import settings

from otklik.desks.models import Status
from otklik.notify.event_context import EventContext
from otklik.notify.models import DigestEntry
from otklik.people.models import Person

NEWS = {"comment", "status_changed", "shared"}


def at_once(template: str, context: EventContext, person: Person) -> bool | None:
    """Return whether the mail is sent at once; None: it goes into the daily mail."""
    if template not in NEWS or person.notices == Person.Notices.EACH:
        return True
    if person.notices == Person.Notices.WAITING:
        return context.ticket.status.category == Status.Category.WAITING and context.ticket.requester_id == person.pk
    return None


def is_sent_now(template: str, context: EventContext, person: Person, at: datetime) -> bool:
    """Return whether the mail is sent at once, adding it to the daily mail if it goes there instead."""
    goes = at_once(template, context, person)
    if goes is None:
        entry = DigestEntry(person=person, event_id=context.event.pk, template=template, due_at=next_digest(person, at))
        DigestEntry.objects.bulk_create([entry], ignore_conflicts=True)
    return bool(goes)


def next_digest(person: Person, at: datetime) -> datetime:
    """Return the next time of the person's `digest_hour`, in their time zone."""
    local = at.astimezone(zone_of(person))
    due = local.replace(hour=person.digest_hour, minute=0, second=0, microsecond=0)
    return due if due > local else due + timedelta(days=1)


def zone_of(person: Person) -> zoneinfo.ZoneInfo:
    """Return the person's time zone, or the site's."""
    try:
        return zoneinfo.ZoneInfo(person.time_zone or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)
