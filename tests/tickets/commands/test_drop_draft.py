"""A reply that was taken back is forgotten."""

from otklik.people.actor import Actor
from otklik.tickets.commands.pending import drop_draft, undo_reply
from otklik.tickets.models import PendingReply
from tests.acting import by, tells
from tests.cast import Cast
from tests.tickets.commands.parts import waiting_reply


def test_only_an_own_draft_goes(cast: Cast) -> None:
    reply = waiting_reply(cast)
    drop_draft(actor=Actor(cast.agent, "agent"), reply=reply)
    assert PendingReply.objects.filter(pk=reply.pk).exists(), "it waits and is no draft"
    undo_reply(**by(cast.agent), reply=reply)
    drop_draft(actor=Actor(cast.lead, "agent"), reply=reply)
    assert PendingReply.objects.filter(pk=reply.pk).exists(), "it is another one's"
    with tells():
        drop_draft(actor=Actor(cast.agent, "agent"), reply=reply)
    assert not PendingReply.objects.filter(pk=reply.pk).exists()
