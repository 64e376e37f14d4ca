"""`invite` mails an activation link."""

from datetime import timedelta

from otklik.desks.commands.create import set_role
from otklik.notify.commands.accounts import invite
from otklik.people.commands.persons import add_caller, ensure_person
from otklik.people.models import AccountToken
from tests.acting import LATER, by, refuses, tells
from tests.cast import START, Cast


def test_somebody_who_never_logged_in_is_invited_with_one_event(cast: Cast) -> None:
    person = ensure_person(address="vera@clinic.test", name="Вера", at=START)[0]
    with tells("person.invited"):
        mail = invite(**by(cast.agent), person=person)
    assert (mail.recipient, mail.kind) == ("vera@clinic.test", "invitation") and "Глеб Орлов" in mail.text
    assert AccountToken.objects.get(person=person).expires_at == LATER + timedelta(hours=24)


def test_staff_have_longer_and_an_account_in_use_is_not_invited(cast: Cast) -> None:
    person = ensure_person(address="vera@desk.test", name="Вера", at=START)[0]
    set_role(**by(), desk=cast.desk, person=person, role="agent")
    invite(**by(cast.lead), person=person)
    assert AccountToken.objects.get(person=person).expires_at == LATER + timedelta(hours=72)
    with refuses("notify.account_in_use"):
        invite(**by(cast.agent), person=cast.anna)
    with refuses("notify.cannot_be_invited"):
        invite(**by(cast.agent), person=add_caller(name="Вера", at=START))
