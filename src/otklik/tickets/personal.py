"""All that is kept about one person, as a file they can read (section 5 of the security catalogue)."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from otklik.core import blobs
from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.people.queries import addresses_of
from otklik.tickets.access import involved_tickets, readable_messages
from otklik.tickets.models import Message, Ticket

_CHUNK = 256 * 1024


def personal_archive(person: Person, at: datetime) -> tuple[str, int]:
    """Write a ZIP of the person's data into the files' store; returns (digest, size).

    `data.json` holds what is kept; `files/` the attachments of messages that the person may read on the portal. Never
    what only staff may read.
    """
    with tempfile.TemporaryFile() as scratch:
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as archive:
            tickets = involved_tickets(person).select_related("desk", "status").order_by("id")
            data = {
                "made_at": at.isoformat(),
                "person": _about(person),
                "requests": [_ticket(person, ticket, archive) for ticket in tickets],
                "events": _events(person),
            }
            archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2))
        scratch.seek(0)
        return blobs.put(_chunks(scratch))


def _about(person: Person) -> dict[str, Any]:
    sessions = person.login_sessions.order_by("id")
    return {
        "name": person.name,
        "language": person.language,
        "time_zone": person.time_zone,
        "made_at": person.created_at.isoformat(),
        "addresses": [
            {"address": row.email, "confirmed": row.verified, "main": row.primary} for row in addresses_of(person)
        ],
        "phones": list(person.phones.order_by("id").values_list("number", flat=True)),
        "organizations": list(person.organizations.order_by("name").values_list("name", flat=True)),
        "sessions": [
            {"since": row.created_at.isoformat(), "address": row.address, "browser": row.browser} for row in sessions
        ],
    }


def _events(person: Person) -> list[dict[str, Any]]:
    """What the journal says that the person did, or that was done to the account."""
    rows = Event.objects.filter(actor_id=person.pk) | Event.objects.filter(subject_kind="person", subject_id=person.pk)
    found = rows.order_by("id").values("at", "kind", "via")
    return [{**row, "at": row["at"].isoformat()} for row in found]


def _ticket(person: Person, ticket: Ticket, archive: zipfile.ZipFile) -> dict[str, Any]:
    messages = readable_messages(person, ticket, as_agent=False).select_related("author")
    return {
        "key": ticket.key,
        "desk": ticket.desk.name,
        "subject": ticket.subject,
        "status": ticket.status.name,
        "made_at": ticket.created_at.isoformat(),
        "messages": [_message(ticket, message, archive) for message in messages.prefetch_related("attachments")],
    }


def _message(ticket: Ticket, message: Message, archive: zipfile.ZipFile) -> dict[str, Any]:
    return {
        "at": message.created_at.isoformat(),
        "author": message.author.display_name if message.author else message.claimed_author,
        "text": message.text,
        "files": [_file(ticket, one, archive) for one in message.attachments.all()],
    }


def _file(ticket: Ticket, attachment: Any, archive: zipfile.ZipFile) -> dict[str, Any]:
    safe = (
        "".join(c if c.isalnum() or c in ".-_ " else "_" for c in attachment.name).replace("..", "_").strip(". ")[:120]
        or "file"
    )
    name = f"files/{ticket.key}/{attachment.pk}-{safe}"
    try:
        with blobs.open_blob(attachment.digest) as source, archive.open(name, "w") as target:
            while chunk := source.read(_CHUNK):
                target.write(chunk)
    except blobs.BlobMissing:
        return {"name": attachment.name, "missing": True}
    return {"name": attachment.name, "in_archive": name, "size": attachment.size}


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
