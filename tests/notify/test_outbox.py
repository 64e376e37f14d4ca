"""Composed mails become rows of the outbox, each once."""

import pytest

from otklik.mail.models import OutboundMail
from otklik.notify.outbox import Draft, post
from otklik.people.commands.account_activation import UnableToActivate, draw_activation, person_to_activate
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from tests.acting import LATER
from tests.cast import Cast


def written(person: Person, cause: str) -> tuple[list[OutboundMail], str]:
    """The rows of an invitation to this person, planned together with another mail, and the secret of its link."""
    secret, token = draw_activation(person=person, at=LATER)
    mail = OutboundMail(
        recipient=person.email, person=person, sender="accredo@desk.test", kind="activation", cause=cause, subject="s",
        text=secret, message_id=f"<{secret}@desk.test>", created_at=LATER, retry_at=LATER,
    )  # fmt: skip
    other = OutboundMail(
        recipient="x@far.test", sender="accredo@desk.test", kind="comment", cause=f"other {secret}", subject="s",
        text="t", message_id=f"<other.{secret}@desk.test>", created_at=LATER, retry_at=LATER,
    )  # fmt: skip
    rows = post([Draft(mail, token=token), Draft(other)])
    return [row for row in rows if row.kind == "activation"], secret


def test_a_link_works_on_when_its_mail_is_planned_a_second_time(cast: Cast) -> None:
    """A link becomes valid, and the earlier one invalid, only with the mail that is sent."""
    person, _new = ensure_person(address="vera@clinic.test", name="Вера", at=LATER)
    (first, secret), (again, unsent) = written(person, "event:1"), written(person, "event:1")
    assert len(first) == 1 and again == [] and OutboundMail.objects.filter(kind="activation").count() == 1
    assert person_to_activate(secret=secret, at=LATER) == person
    with pytest.raises(UnableToActivate):
        person_to_activate(secret=unsent, at=LATER)
    _rows, later = written(person, "event:2")
    assert person_to_activate(secret=later, at=LATER) == person
    with pytest.raises(UnableToActivate):
        person_to_activate(secret=secret, at=LATER)
