"""Forms of agents and leads take effect completely or not at all; people named in a refused form are not created."""

import pytest

from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.people.models import AccountToken, Person
from otklik.tickets.commands.base import Words
from otklik.tickets.commands.comment import hold_comment
from otklik.tickets.models import Message
from tests.cast import START, Cast
from tests.postoffice import put_mail
from tests.workspace.helpers import as_, words_said

NEW = "vera@nowhere.test"
TICKET = "/browse/ACCREDO-1"


def test_whoever_is_named_in_a_form_that_is_refused_becomes_known_to_nobody(cast: Cast) -> None:
    lead, kind = as_(cast.lead), cast.desk.request_types.order_by("position")
    lead.post(f"{TICKET}/approvals", {"addresses": "boris@clinic.test", "rule": "one"})
    twice = {"name": kind[0].name, "icon": "bug", "approval_rule": "one", "approvers": NEW}
    refused = (
        (f"{TICKET}/approvals", {"addresses": NEW, "rule": "one"}),
        (f"{TICKET}/requester", {"new": NEW, "before": cast.boris.pk}),
        ("/projects/ACCREDO/settings/types/add", twice),
        (f"/projects/ACCREDO/settings/types/{kind[1].pk}", twice),
    )
    before = Event.objects.count()
    for address, words in refused:
        lead.post(address, words)
        assert not Person.objects.filter(email=NEW).exists(), address
    assert Event.objects.count() == before


@pytest.mark.parametrize("claimed", ["", "Чужой <x@y.test>"])
def test_a_message_whose_mail_names_no_writer_waits_on_when_its_writer_shall_join(cast: Cast, claimed: str) -> None:
    """Whether the mail has no sender, or its writer is known already."""
    mail = put_mail()
    message = hold_comment(
        at=START, ticket=cast.ticket, words=Words("Добавьте меня"), claimed_author=claimed, inbound=mail, why="Нет."
    )
    InboundMail.objects.filter(pk=mail.pk).update(from_address="" if claimed else "anna@clinic.test")
    agent, at = as_(cast.agent), f"{TICKET}/messages/{message.pk}"
    for address, words in ((f"{at}/admit", {"join": "1"}), (f"{at}/ask-owner", {})):
        assert words_said(agent.post(address, words))[-1:] == ["В письме нет адреса автора."]
        assert Message.objects.get(pk=message.pk).held
    assert not AccountToken.objects.exists() and not OutboundMail.objects.filter(kind="address").exists()
