"""`drop_draft` drops the draft of an undone reply."""

from datetime import timedelta

from otklik.people.actor import Actor
from otklik.tickets.commands.pending import drop_draft, hold_reply, undo_reply
from otklik.tickets.content import Words
from otklik.tickets.models import PendingReply
from tests.acting import LATER, by, tells
from tests.cast import Cast
from tests.tickets.commands.parts import waiting_reply
from tests.tickets.test_links import other


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


def test_another_draft_of_the_same_agent_stays(cast: Cast) -> None:
    kept = hold_reply(**by(cast.agent), ticket=other(cast), words=Words("Потом"), due_at=LATER + timedelta(minutes=9))
    dropped = waiting_reply(cast)
    for reply in (kept, dropped):
        undo_reply(**by(cast.agent), reply=reply)
    drop_draft(actor=Actor(cast.agent, "agent"), reply=dropped)
    assert PendingReply.objects.get().pk == kept.pk
