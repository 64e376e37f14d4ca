"""Build the archive of all data kept about one person (section 5 of the security catalogue)."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Prefetch, QuerySet

from otklik.core import blobs
from otklik.desks.models import Field
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.secret_scan import blanked_all
from otklik.people.models import ErasureRequest, Person
from otklik.people.queries import addresses_of
from otklik.tickets.access import involved_tickets, readable_messages
from otklik.tickets.answers.display import words_of
from otklik.tickets.answers.field_types import label_of
from otklik.tickets.drafts import files_of
from otklik.tickets.models import (
    Draft,
    Forward,
    ForwardAnswer,
    Message,
    PendingReply,
    Rating,
    Ticket,
    Unconfirmed,
    Vote,
)
from otklik.tickets.new_files import searched
from otklik.ui.mail_layout import mail_content
from otklik.ui.markup import words_text

_CHUNK = 256 * 1024


def personal_archive(person: Person, at: datetime) -> tuple[str, int]:
    """Write a ZIP of the person's data into the blob store; return (digest, size in bytes).

    `data.json` contains the data, `files/` the attachments of messages that the person may read on the portal. Nothing
    that only staff may read is included.
    """
    with tempfile.TemporaryFile() as scratch:
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as archive:
            tickets = involved_tickets(person).select_related("desk", "status").order_by("id")
            data = {
                "made_at": at.isoformat(),
                "person": _about(person),
                "requests": [_ticket(person, ticket, archive) for ticket in tickets],
                "drafts": [_draft(draft) for draft in _drafts(person)],
                "waiting_replies": list(_waiting(person)),
                "unconfirmed_requests": _unconfirmed(person),
                "ratings": _rows(Rating.objects.filter(person=person), "ticket__key", "score", "words", "rated_at"),
                "approvals": _rows(
                    Vote.objects.filter(person=person), "approval__ticket__key", "answer", "words", "answered_at"
                ),
                "mails_to_you": _rows(
                    OutboundMail.objects.filter(person=person), "recipient", "subject", "kind", "state", "created_at"
                ),
                "mails_from_you": _rows(
                    InboundMail.objects.filter(from_address__in=addresses_of(person).values("email")),
                    "from_address",
                    "from_name",
                    "subject",
                    "received_at",
                    "ticket_key",
                ),
                "forwarded_to_you": list(_forwarded(person)),
                "events": _events(person),
            }
            archive.writestr("data.json", json.dumps(blanked_all(data), ensure_ascii=False, indent=2))
        scratch.seek(0)
        return blobs.put(_chunks(scratch))


def _about(person: Person) -> dict[str, Any]:
    sessions = person.login_sessions.order_by("id")
    return {
        "name": person.name,
        "login": person.login_name,
        "directory": {"key": person.source_key, "address": person.address_note},
        "language": person.language,
        "time_zone": person.time_zone,
        "made_at": person.created_at.isoformat(),
        "addresses": [
            {"address": address.email, "confirmed": address.verified, "main": address.primary}
            for address in addresses_of(person)
        ],
        "phones": list(person.phones.order_by("id").values_list("number", flat=True)),
        "organizations": list(person.organizations.order_by("name").values_list("name", flat=True)),
        "sessions": [
            {"since": session.created_at.isoformat(), "address": session.address, "browser": session.browser}
            for session in sessions
        ],
        "notices": person.notices,
        "theme": person.theme,
        "version_for_the_visually_impaired": person.sight,
        "saved_views": _rows(person.saved_views, "name", "words"),
        "scripts": _rows(
            person.api_tokens, "name", "prefix", "scopes", "rate", "created_at", "expires_at", "last_used_at"
        ),
        "second_factors": _rows(Authenticator.objects.filter(user=person), "type", "created_at", "last_used_at"),
        "single_sign_on": _rows(SocialAccount.objects.filter(user=person), "provider", "uid", "date_joined"),
        "erasure_asked": _rows(ErasureRequest.objects.filter(person=person), "asked_at", "due_at"),
    }


def _rows(rows: Any, *names: str) -> list[dict[str, Any]]:
    """Return these columns as JSON values; they are named one by one, so that no secret is included."""
    records = rows.order_by("pk").values(*names)
    return [{key.rpartition("__")[2]: _plain(value) for key, value in record.items()} for record in records]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _drafts(person: Person) -> QuerySet[Draft]:
    """Return drafts with content; empty ones only record that something was sent."""
    rows = Draft.objects.filter(person=person).exclude(words={}, files={}, former={})
    return rows.select_related("ticket").order_by("id")


def _draft(draft: Draft) -> dict[str, Any]:
    """Return a draft with the text it replaced, and its files' names."""
    names = [file.name for files in files_of(draft).values() for file in files]
    return {
        "kind": draft.kind,
        "request": draft.ticket.key if draft.ticket else "",
        "words": draft.words,
        "former": draft.former.get("words", {}),
        "files": names,
        "at": draft.updated_at.isoformat(),
    }


def _waiting(person: Person) -> Iterator[dict[str, Any]]:
    """Yield the person's pending replies."""
    for reply in PendingReply.objects.filter(author=person).exclude(text="").select_related("ticket").order_by("id"):
        yield {
            "request": reply.ticket.key,
            "text": reply.text,
            "state": reply.state,
            "at": reply.written_at.isoformat(),
        }


def _forwarded(person: Person) -> Iterator[dict[str, Any]]:
    """Yield what agents forwarded to the person's addresses, and replies to it."""
    own = {address.email for address in addresses_of(person)}
    # Only columns are loaded: an original may have 30 MB.
    answers = ForwardAnswer.objects.filter(message__inbound__from_address__in=own).select_related("message")
    forwards = Forward.objects.filter(address__in=own, message__withdrawn_at=None).select_related("message__ticket")
    for forward in forwards.prefetch_related(Prefetch("answers", answers.order_by("id"))).order_by("id"):
        yield {
            "request": forward.message.ticket.key,
            "address": forward.address,
            "at": forward.message.created_at.isoformat(),
            "text": words_text(forward.message.text, forward.message.markup),
            "forwarded": forward.message.quoted,
            "answers": [
                {"at": answer.message.created_at.isoformat(), "text": answer.message.text}
                for answer in forward.answers.all()
            ],
        }


def _unconfirmed(person: Person) -> list[dict[str, Any]]:
    """Return unconfirmed requests sent from the person's addresses without a login."""
    rows = Unconfirmed.objects.filter(address__in=addresses_of(person).values("email"))
    return _rows(rows, "address", "name", "subject", "text", "answers", "created_at", "expires_at", "ticket_key")


def _events(person: Person) -> list[dict[str, Any]]:
    """Return the journal's events by or about the person."""
    rows = Event.objects.filter(actor_id=person.pk) | Event.objects.filter(subject_kind="person", subject_id=person.pk)
    events = rows.order_by("id").values("at", "kind", "via")
    return [{**event, "at": event["at"].isoformat()} for event in events]


def _ticket(person: Person, ticket: Ticket, archive: zipfile.ZipFile) -> dict[str, Any]:
    messages = readable_messages(person, ticket, as_agent=False).select_related("author")
    return {
        "key": ticket.key,
        "desk": ticket.desk.name,
        "subject": ticket.subject,
        "status": ticket.status.name,
        "made_at": ticket.created_at.isoformat(),
        "answers": _answers(ticket) if messages.filter(opening=True).exists() else {},
        "messages": [_message(ticket, message, archive) for message in messages.prefetch_related("attachments")],
    }


def _answers(ticket: Ticket) -> dict[str, str]:
    """Return the form's answers as customers see them, by label."""
    rows = Field.objects.filter(request_type=ticket.request_type_id, hidden=False, key__in=list(ticket.answers))
    return {label_of(field): words_of(field, ticket.answers[field.key]) for field in rows}


def _message(ticket: Ticket, message: Message, archive: zipfile.ZipFile) -> dict[str, Any]:
    laid_out = mail_content(message, [])
    plain = words_text(message.text, message.markup) if message.markup == Message.Markup.PLAIN else message.text
    return {
        "at": message.created_at.isoformat(),
        "author": message.author.display_name if message.author else message.claimed_author,
        "text": laid_out[0] if laid_out else plain,
        "files": [_file(ticket, attachment, archive) for attachment in message.attachments.all()],
    }


def _file(ticket: Ticket, attachment: Any, archive: zipfile.ZipFile) -> dict[str, Any]:
    safe = (
        "".join(c if c.isalnum() or c in ".-_ " else "_" for c in attachment.name).replace("..", "_").strip(". ")[:120]
        or "file"
    )
    name = f"files/{ticket.key}/{attachment.pk}-{safe}"
    try:
        with blobs.open_blob(searched(attachment).digest) as source:
            archive.writestr(name, source.read())
    except blobs.BlobMissing:
        return {"name": attachment.name, "missing": True}
    return {"name": attachment.name, "in_archive": name, "size": attachment.size}


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
