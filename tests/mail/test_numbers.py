"""A desk's mail figures count only its own mailboxes."""

from dataclasses import asdict
from datetime import datetime, timedelta

from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.mail.queries import for_a_person, is_unsent_since, mail_numbers
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


def came(state: str, at: datetime = START, **more: object) -> None:
    mail = inbound_mail(f"Subject: {InboundMail.objects.count()}\r\n\r\nx".encode())
    settled = None if state == "waiting" else START
    InboundMail.objects.filter(pk=mail.pk).update(state=state, received_at=at, settled_at=settled, **more)


def went(state: str, at: datetime = START, **more: object) -> None:
    number = OutboundMail.objects.count()
    values = {
        "recipient": "x@clinic.test", "sender": "accredo@desk.test", "kind": "comment", "cause": f"n{number}",
        "subject": "s", "text": "t", "message_id": f"n{number}@desk.test", "created_at": at, "retry_at": at,
    }  # fmt: skip
    OutboundMail.objects.create(state=state, **{**values, **more})


def test_each_number_counts_its_own_and_nothing_else(cast: Cast) -> None:
    """Each count differs, so that no two can be confused."""
    late = START + timedelta(hours=1)
    for state, number in {"filed": 2, "held": 3, "failed": 4}.items():
        for _time in range(number):
            came(state, START - timedelta(days=1), copies=2 if state == "held" else 1, slow=1)
    InboundMail.objects.filter(state="failed").update(raw=b"", raw_removed_at=START)
    for _time in range(5):
        came("waiting", late)
    came("waiting", START, slow=1)
    came("waiting", START + timedelta(minutes=1), slow=2)
    states = ("queued", "sent", "kept", "failed", "stopped", "cancelled", "restored")
    for number, state in enumerate(states, start=1):
        for _time in range(number):
            went(state, late if state == "queued" else START, words_removed_at=START if state == "sent" else None)
    numbers = mail_numbers()
    assert (numbers.offered, numbers.copies) == (16, 3)
    assert (numbers.filed, numbers.held, numbers.failed, numbers.waiting, numbers.slow) == (2, 3, 4, 7, 2)
    assert numbers.offered == numbers.filed + numbers.held + numbers.failed + numbers.waiting
    assert (numbers.oldest_waiting, numbers.oldest_slow, numbers.oldest_unsent) == (late, START, late)
    assert (numbers.queued, numbers.sent, numbers.kept, numbers.undeliverable, numbers.restored) == (1, 2, 3, 9, 7)
    assert (numbers.originals_removed, numbers.sent_words_removed) == (4, 2)


def test_without_any_mail_all_is_nought(cast: Cast) -> None:
    numbers = mail_numbers()
    assert set(asdict(numbers).values()) == {0, None}


def test_what_a_person_should_look_at(cast: Cast) -> None:
    for state, fate in (("held", "held_comment"), ("failed", "unreadable"), ("held", "blocked"), ("filed", "spam")):
        came(state, fate=fate)
    came("waiting")
    assert sorted(InboundMail.objects.filter(for_a_person()).values_list("fate", flat=True)) == [
        "held_comment", "unreadable",
    ]  # fmt: skip


def test_what_waits_too_long_for_the_server_of_its_recipient_is_no_alarm(cast: Cast) -> None:
    went("queued", START, delayed_by="recipient")
    went("queued", START, delayed_by="some")
    assert not is_unsent_since(START + timedelta(minutes=1))
    went("queued", START)
    assert is_unsent_since(START + timedelta(minutes=1)) and not is_unsent_since(START)
    OutboundMail.objects.filter(delayed_by="").update(again_at=START + timedelta(minutes=1))
    assert not is_unsent_since(START + timedelta(minutes=1)) and is_unsent_since(START + timedelta(minutes=2))
