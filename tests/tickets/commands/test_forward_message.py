"""`forward_message` forwards a message to an outside address, as a note."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.core import blobs
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.mail.secret_scan_mail import RULES
from otklik.notify.plan import plan_mails
from otklik.people.actor import Actor, system
from otklik.tickets.commands import forward
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import edit_message, withdraw_message
from otklik.tickets.commands.forward import forward_message
from otklik.tickets.content import Words, written
from otklik.tickets.models import Attachment, Forward, Message, Participant
from tests.acting import LATER, by, tells
from tests.cast import START, Cast
from tests.refusing import refused_as
from tests.tickets.commands.parts import held_message

OUTSIDE = "repairs@supplier.test"


def opening(cast: Cast) -> Message:
    return cast.ticket.messages.get(opening=True)


def with_file(message: Message, name: str = "скан.pdf", size: int = 0) -> Attachment:
    digest, stored = blobs.put(f"%PDF {name}".encode())
    return Attachment.objects.create(
        message=message, name=name, content_type="application/pdf", size=size or stored, digest=digest, searched=RULES
    )


def sent(cast: Cast, message: Message | None = None, address: str = OUTSIDE, **more: object) -> Forward:
    source = message or opening(cast)
    return forward_message(
        **{
            **by(cast.agent),
            "message": source,
            "address": address,
            "words": written("Почините?"),
            "said": "Не печатает",
        }
        | more
    )


def test_the_staff_sees_a_note_with_what_went_and_customers_see_nothing(cast: Cast) -> None:
    people, status = Participant.objects.count(), cast.ticket.status_id
    with tells("ticket.forwarded"):
        made = sent(cast, address="Repairs@Supplier.TEST")
    note = made.message
    assert (made.address, made.source) == (OUTSIDE, opening(cast))
    assert (note.kind, note.side, note.author, note.text) == ("internal", "staff", cast.agent, "Почините?")
    assert note.quoted == "Не печатает"
    cast.ticket.refresh_from_db()
    assert (cast.ticket.shown_at, cast.ticket.updated_at) == (START, LATER)
    assert (Participant.objects.count(), cast.ticket.status_id) == (people, status)
    assert Event.objects.latest("id").data == {"key": "ACCREDO-1", "message": note.pk, "address": OUTSIDE}


def test_only_the_chosen_files_of_this_very_message_go_along(cast: Cast, home: Path) -> None:
    wanted, other = with_file(opening(cast)), with_file(opening(cast), "паспорт.pdf")
    elsewhere = with_file(cast.ticket.messages.exclude(pk=opening(cast).pk)[0])
    made = sent(cast, files=[wanted.pk])
    assert [(one.name, one.digest) for one in made.message.attachments.all()] == [(wanted.name, wanted.digest)]
    for wrong in ([elsewhere.pk], [wanted.pk, elsewhere.pk], [other.pk + 10_000]):
        with refused_as("ticket.file_of_other_message"):
            sent(cast, files=wrong)
    Attachment.objects.filter(pk=wanted.pk).update(size=forward.MOST_BYTES + 1)
    with refused_as("ticket.files_too_large"):
        sent(cast, files=[wanted.pk])


def test_what_is_for_nobody_outside_stays_inside(cast: Cast) -> None:
    own_note = cast.ticket.messages.get(kind="internal")
    withdrawn = cast.ticket.messages.get(kind="public", opening=False)
    cast.desk.edit_minutes = 60
    cast.desk.save()
    withdraw_message(actor=Actor(cast.agent, "agent"), at=START + timedelta(minutes=1), message=withdrawn)
    for message in (own_note, withdrawn, held_message(cast)):
        with refused_as("ticket.not_forwardable"):
            sent(cast, message)


def test_only_the_desks_staff_forwards(cast: Cast) -> None:
    for who in (cast.anna, cast.boris, cast.stranger, cast.agent_elsewhere):
        with tells(), refused_as("ticket.staff_only"):
            sent(cast, actor=Actor(who, "agent"))
    assert sent(cast, actor=system()).message.author is None


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("anna@clinic.test", "ticket.on_the_request"),
        ("boris@clinic.test", "ticket.on_the_request"),
        ("accredo@desk.test", "ticket.desk_address"),
        ("accredo+x@desk.test", "ticket.desk_address"),
        ("other@desk.test", "ticket.desk_address"),
    ],
)
def test_ab_90_nobody_on_the_ticket_and_no_address_of_ours(cast: Cast, address: str, code: str) -> None:
    with refused_as(code):
        sent(cast, address=address)
    assert not Forward.objects.exists()


def test_ab_90_one_address_and_a_right_one(cast: Cast) -> None:
    for address in ("", "x", "a@b.test, c@d.test", "a@b.test\nBcc: c@d.test"):
        with refused_as("person.bad_address"):
            sent(cast, address=address)


def test_ab_90_an_agent_forwards_so_many_within_an_hour(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "MOST_IN_AN_HOUR", 2)
    for number in range(2):
        sent(cast, address=f"a{number}@supplier.test")
    with refused_as("ticket.forwarded_too_often"):
        sent(cast)
    assert sent(cast, actor=Actor(cast.lead, "agent")) and sent(cast, at=LATER + timedelta(hours=1, seconds=1))


def test_no_link_with_power_goes_along(cast: Cast) -> None:
    link = "https://desk.test/servicedesk/customer/user/activate/" + "a1B" * 14 + "x"
    made = sent(cast, said=f"Вот: {link}", words=Words(link))
    assert link not in made.message.quoted + made.message.text


def test_a_message_that_was_changed_since_it_was_shown_does_not_go(cast: Cast) -> None:
    shown = comment(**by(cast.agent), ticket=cast.ticket, words=Words("Было"))
    Desk.objects.update(edit_minutes=60)
    edit_message(**by(cast.agent), message=Message.objects.get(pk=shown.pk), words=Words("Стало"))
    with tells(), refused_as("ticket.forward_changed"):
        sent(cast, shown)
    assert sent(cast, Message.objects.get(pk=shown.pk))


def test_whose_message_it_was_is_known_when_it_has_left_the_ticket(cast: Cast) -> None:
    made = sent(cast)
    Forward.objects.update(source=None)
    plan_mails(list(Event.objects.filter(kind="ticket.forwarded")), LATER)
    said = OutboundMail.objects.get(about=made.message_id).text
    assert "Анна Петрова, " in said and "\n, :" not in said


def test_of_two_forwards_at_once_the_second_is_counted_after_the_first(cast: Cast) -> None:
    """On two tickets there is no common row to lock."""
    with CaptureQueriesContext(connection) as asked:
        sent(cast)
    said = [query["sql"] for query in asked]
    count = next(place for place, sql in enumerate(said) if "COUNT(*)" in sql and "tickets_forward" in sql)
    assert any("pg_advisory_xact_lock" in sql for sql in said[:count])
