"""Preview a mail text with the values of a real ticket or of examples. Sends nothing."""

from django.conf import settings
from django.utils.translation import gettext as _

from otklik.desks.models import Desk
from otklik.desks.texts import name_of
from otklik.notify.mail_links import link_to
from otklik.notify.rendering import Letter, framed, in_language, sender_address
from otklik.notify.texts.answer_placeholders import answer_values, field_places, known_in
from otklik.notify.texts.mail_kinds import ACCOUNT, OUTSIDE, STAFF, MailKind, Text
from otklik.notify.texts.placeholder_values import Said, button, desk_values, said_values, status_values, ticket_values
from otklik.notify.texts.placeholders import BY_NAME
from otklik.notify.texts.render import Value, bodies_of, subject_of, text_value
from otklik.notify.texts.ticket_summary import request_values
from otklik.notify.ticket_texts import subject_line
from otklik.people.models import Person
from otklik.tickets.models import Message, Ticket
from otklik.ui.mail_layout import mail_content


def preview(kind: MailKind, language: str, text: Text, *, desk: Desk, reader: Person, ticket: Ticket | None) -> Letter:
    """Return the mail as `reader` would get it. The text must be valid (`mistakes_in`).

    Without a ticket, sample values are used.
    """
    with in_language(language):
        values = {**_values(kind, desk, reader, ticket), **_answers(kind, text, desk, ticket)}
        known = known_in(kind, text)
        about = kind.to != ACCOUNT
        key = values["ticket.key"].text if about else ""
        return framed(
            bodies_of(text.body, known, values),
            language,
            subject=subject_line(kind, key, subject_of(text.subject, known, values)),
            desk=desk,
            key=key,
            can_reply=about and kind.to != STAFF,
            stop_url=f"{settings.PUBLIC_URL}/…" if about and kind.to not in {STAFF, OUTSIDE} else "",
            outside=kind.to == OUTSIDE,
        )


def _values(kind: MailKind, desk: Desk, reader: Person, ticket: Ticket | None) -> dict[str, Value]:
    sample = {name: text_value(str(place.sample)) for name, place in BY_NAME.items()}
    link = f"{settings.PUBLIC_URL}/servicedesk/customer/portal/{desk.pk}/{desk.key}-4"
    own = desk_values(desk, reader, sender_address(desk))
    values = said_values(_said(ticket, sample))
    if ticket is not None:
        link = link_to(ticket, for_agent=kind.to == STAFF)
        about = {**ticket_values(ticket, link, reader.display_name), **_moved(ticket)}
    else:
        about = {
            "ticket.key": text_value(f"{desk.key}-4"),
            "ticket.link": text_value(link),
            "button.open": button(_("Open the request"), link),
        }
    return {
        **sample,
        **own,
        **values,
        **about,
        "button.answer": button(_("Approve, decline or ask"), link),
        "button.activate": button(_("Activate my account"), link),
    }


def _answers(kind: MailKind, text: Text, desk: Desk, ticket: Ticket | None) -> dict[str, Value]:
    """Return the answers of the ticket, or the labels of the fields if there is none."""
    if ticket is not None:
        return {**answer_values(kind, text, ticket, readable=True), **request_values(text, ticket, readable=True)}
    return {place.name: text_value(str(place.about)) for place in field_places(kind, desk)}


def _said(ticket: Ticket | None, sample: dict[str, Value]) -> Said:
    """Return the newest message of the ticket that customers may read (AB-48), or the sample."""
    messages = Message.objects.for_customers().filter(ticket=ticket) if ticket else Message.objects.none()
    last = messages.select_related("author").order_by("created_at", "id").last()
    if last is None:
        return Said(sample["comment.text"].text, sample["comment.author"].text)
    author = last.author.display_name if last.author else last.claimed_author
    return Said(last.text, author, (), last.markup, mail_content(last, []))


def _moved(ticket: Ticket) -> dict[str, Value]:
    return status_values("", name_of(ticket.status), closed=ticket.status.is_done)
