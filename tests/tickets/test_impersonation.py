"""Customers' names that look like those of the staff (AB-17)."""

from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.impersonation import posing_among
from otklik.tickets.models import Message
from tests.acting import by
from tests.cast import Cast


def of_customer(cast: Cast, who: Person) -> Message:
    message = comment(**by(who), ticket=cast.ticket, words=Words("x"))
    Message.objects.filter(pk=message.pk).update(side=Message.Side.CUSTOMER)
    return Message.objects.select_related("author").get(pk=message.pk)


def test_ab_17_a_customer_named_as_an_agent_is_marked_the_agent_as_a_customer_is_not(cast: Cast) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(name=cast.agent.name)
    cast.anna.refresh_from_db()
    poser, honest = of_customer(cast, cast.anna), of_customer(cast, cast.agent)
    assert posing_among(cast.ticket, [poser, honest]) == {poser.pk}
