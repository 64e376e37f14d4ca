"""`prove_address` proves a further address and notifies of it."""

from otklik.desks.access import worked_desks
from otklik.desks.commands.create import set_role
from otklik.mail.models import OutboundMail
from otklik.notify.commands.addresses import prove_address
from otklik.people.commands.persons import ensure_person
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.people.test_own_addresses import HOME
from tests.people.test_own_addresses import asked as asked_for


def test_the_primary_address_is_told(cast: Cast) -> None:
    secret = asked_for(cast.anna)
    with tells("person.address_added"):
        assert prove_address(**by(cast.anna), person=cast.anna, secret=secret) == HOME
    assert OutboundMail.objects.get().recipient == "anna@clinic.test"


def test_a_wrong_link_tells_nobody(cast: Cast) -> None:
    with refuses("person.link_gone"):
        prove_address(**by(cast.boris), person=cast.boris, secret=asked_for(cast.anna))
    assert not OutboundMail.objects.exists()


def test_ab_36_who_works_at_a_desk_becomes_one_with_nobody(cast: Cast) -> None:
    """Otherwise whoever reads the mailbox of an agent who never logged in would get the agent's desks."""
    colleague, _made = ensure_person(address=HOME, name="Новый агент", at=LATER)
    secret = asked_for(cast.anna)
    assert secret
    set_role(**by(), desk=cast.desk, person=colleague, role="agent")
    with refuses("person.link_gone"):
        prove_address(**by(cast.anna), person=cast.anna, secret=secret)
    assert not worked_desks(cast.anna).exists() and worked_desks(colleague).exists()
