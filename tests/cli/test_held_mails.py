"""Mails that a restored copy holds back: those queued and those still to be planned."""

from datetime import timedelta

from django.utils import timezone

from otklik.cli.backup import _hold_mails
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.pending import hold_reply
from otklik.tickets.content import Words
from otklik.tickets.models import PendingReply
from otklik.tickets.pumps.pending_replies import release_next
from otklik.worker.dispatch import dispatch_next
from tests.cast import Cast


def test_replies_and_events_of_the_snapshot_become_mails_that_are_held(cast: Cast) -> None:
    by, now = {"actor": Actor(cast.agent, "agent"), "ticket": cast.ticket}, timezone.now()
    comment(**by, at=now, words=Words("Сказано перед копией."))
    written = now - timedelta(minutes=2)
    hold_reply(**by, at=written, words=Words("Ждало минуту."), due_at=written + timedelta(minutes=1))
    hold_reply(**by, at=now, words=Words("Ждёт до завтра."), due_at=now + timedelta(days=1), scheduled=True)
    count = _hold_mails()
    assert set(OutboundMail.objects.values_list("state", flat=True)) == {OutboundMail.State.RESTORED}
    held = " ".join(OutboundMail.objects.values_list("text", flat=True))
    assert OutboundMail.objects.count() == count
    assert "Сказано перед копией." in held and "Ждало минуту." in held and "Ждёт до завтра." not in held
    assert not dispatch_next() and not release_next()
    assert PendingReply.objects.filter(state=PendingReply.State.WAITING).count() == 1
