"""`forget_sender` removes a rule about a sender."""

from otklik.intake.commands.senders import forget_sender, rule_sender
from otklik.mail.models import SenderRule
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_rule_goes_from_all_mailboxes_once(cast: Cast) -> None:
    rule_sender(**by(cast.agent), desk=cast.desk, pattern="x@bad.test", verdict="block")
    rule_sender(**by(cast.agent), desk=cast.desk, pattern="y@bad.test", verdict="block")
    with refuses("ticket.staff_only"):
        forget_sender(**by(cast.agent_elsewhere), desk=cast.desk, pattern="x@bad.test")
    with tells("mail.sender_forgotten"):
        assert forget_sender(**by(cast.agent), desk=cast.desk, pattern="x@bad.test")
        assert not forget_sender(**by(cast.agent), desk=cast.desk, pattern="x@bad.test")
    assert set(SenderRule.objects.values_list("pattern", flat=True)) == {"y@bad.test"}
