"""`clear_address` lifts the suspension of an address that refused mail."""

import pytest

from otklik.journal.models import Event
from otklik.mail.commands.outbox import clear_address
from otklik.mail.models import AddressTrouble, OutboundMail
from tests.cast import START
from tests.mail.test_outbox_acts import BY, DAY, MINUTE, VERA, State, mail


@pytest.mark.parametrize(("recent", "goes"), [(False, {1, 2}), (True, {2})])
def test_what_was_stopped_for_an_address_goes_when_it_takes_mail_again(db: None, recent: bool, goes: set[int]) -> None:
    rows = {
        1: mail(1, recipient=VERA, state=State.STOPPED, created_at=START - 5 * DAY - MINUTE),
        2: mail(2, recipient=VERA, state=State.STOPPED, created_at=START - 5 * DAY),
        3: mail(3, recipient="b@x.test", state=State.STOPPED),
        4: mail(4, recipient=VERA, state=State.CANCELLED),
    }
    assert not clear_address(**BY, address=VERA, recent=recent) and not Event.objects.filter(kind="address.cleared")
    AddressTrouble.objects.create(address=VERA, last_at=START, stopped_at=START)
    assert clear_address(**BY, address=VERA, recent=recent)
    queued = set(OutboundMail.objects.filter(state=State.QUEUED).values_list("pk", flat=True))
    assert queued == {rows[number].pk for number in goes}
