"""`unmark_spam` removes the spam mark of a mail."""

from otklik.intake.commands.spam import mark_spam, unmark_spam
from otklik.tickets.models import Message
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.intake.test_apply import fresh
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter


def test_everything_is_as_it_was_before(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="Новый <new@clinic.test>"))
    before, ticket = fresh(row), Message.objects.get(inbound=row, opening=True).ticket
    mark_spam(**by(people.agent), mail=row)
    with tells("ticket.status_changed", "mail.not_spam"):
        unmark_spam(**by(people.agent), mail=row)
    after = fresh(row)
    assert (after.state, after.fate, after.reason) == (before.state, before.fate, before.reason)
    status = ticket.status
    ticket.refresh_from_db()
    assert ticket.status == status
    with refuses("intake.not_spam"):
        unmark_spam(**by(people.agent), mail=row)
