"""`answer_asked` records an agent's decision about addresses in a mail."""

from otklik.people.models import Person
from otklik.tickets.commands.cc_participants import answer_asked
from otklik.tickets.models import Message
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import held_message


def wished(cast: Cast) -> Message:
    message = held_message(cast)
    message.asked = ["vera@clinic.test", "petr@clinic.test"]
    message.save(update_fields=["asked"])
    return message


def test_an_agent_adds_one_and_then_none_of_the_others(cast: Cast) -> None:
    message = wished(cast)
    with locks(Message), tells("ticket.participant_added"):
        assert answer_asked(**by(cast.agent), message=message, address="vera@clinic.test")
        message.refresh_from_db()
        assert message.asked == ["petr@clinic.test"]
        assert not answer_asked(**by(cast.agent), message=message, address="")
    message.refresh_from_db()
    assert message.asked == [] and not Person.objects.filter(email="petr@clinic.test").exists()


def test_customers_answer_nothing_and_other_addresses_are_refused(cast: Cast) -> None:
    message = wished(cast)
    for who, address in ((cast.anna, "vera@clinic.test"), (cast.agent, "other@clinic.test")):
        with refuses("ticket.staff_only", "ticket.address_not_in_mail"):
            answer_asked(**by(who), message=message, address=address)
