"""`see_to` marks a mail as needing nothing."""

from otklik.intake.commands.dismiss import see_to
from otklik.tickets.models import Message
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.intake.test_apply import fresh, held_mail
from tests.postoffice import Sink


def test_a_held_mail_leaves_the_list_once_with_the_note(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    with tells("mail.done"):
        see_to(**by(people.agent), mail=row, note="Уже\n решено")
    row = fresh(row)
    assert (row.state, row.fate) == ("filed", "done") and "Уже решено" in row.reason
    assert Message.objects.get(inbound=row).held, "it can still be admitted"
    with refuses("intake.filed_already"):
        see_to(**by(people.agent), mail=row)
