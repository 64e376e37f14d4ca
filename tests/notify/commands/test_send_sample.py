"""`send_sample` sends a sample of a desk's mail to its lead."""

from otklik.mail.models import OutboundMail
from otklik.notify.commands.sample_mail import send_sample
from otklik.notify.rendering import Letter
from otklik.people.models import Person
from tests.acting import by, refuses, tells
from tests.cast import Cast

LETTER = Letter("Тема", "Слова", "<p>Слова</p>")


def test_a_lead_gets_the_letter_and_nobody_else(cast: Cast) -> None:
    with tells("desk.sample_sent"):
        address = send_sample(**by(cast.lead), desk=cast.desk, letter=LETTER, language="ru")
    mail = OutboundMail.objects.get()
    assert address == mail.recipient == "lead@desk.test" and (mail.subject, mail.kind) == ("Тема", "sample")


def test_only_leads_send_one_and_none_to_a_desk(cast: Cast) -> None:
    for who in (cast.agent, cast.anna):
        with refuses("notify.leads_only"):
            send_sample(**by(who), desk=cast.desk, letter=LETTER, language="ru")
    for address in ("accredo@desk.test", None):
        Person.objects.filter(pk=cast.lead.pk).update(email=address)
        cast.lead.refresh_from_db()
        with refuses("notify.no_own_address"):
            send_sample(**by(cast.lead), desk=cast.desk, letter=LETTER, language="ru")
