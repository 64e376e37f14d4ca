"""The figures of a desk's mail are of what came and went at its own mailboxes."""

from datetime import timedelta

from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.mail.queries import mail_numbers
from tests.cast import START, Cast
from tests.portal.helpers import inbound_mail


def test_mail_of_another_desk_is_not_counted(cast: Cast) -> None:
    own, other = (Mailbox.objects.get(address=address) for address in ("accredo@desk.test", "other@desk.test"))
    for number, box in enumerate((own, other, other)):
        mail = inbound_mail(f"Subject: {number}\r\n\r\nx".encode())
        InboundMail.objects.filter(pk=mail.pk).update(mailbox=box, received_at=START + timedelta(minutes=number))
        OutboundMail.objects.create(
            recipient="x@clinic.test", sender=box.address, kind="comment", cause=f"{number}", subject="s", text="t",
            message_id=f"{number}@desk.test", created_at=START, retry_at=START,
        )  # fmt: skip
    counts = [(found.offered, found.waiting, found.queued) for found in map(mail_numbers, ([own], [other], None))]
    assert counts == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]
    assert [found.oldest_waiting for found in map(mail_numbers, ([own], [other]))] == [
        START, START + timedelta(minutes=1),
    ]  # fmt: skip
