"""`withdraw_message` withdraws a message."""

from otklik.mail.models import OutboundMail
from otklik.tickets.access import attachment_for
from otklik.tickets.commands.edit_message import edit_message, withdraw_message
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Message, MessageRevision
from tests.cast import START, Cast
from tests.tickets.test_edges import by, own_message


def test_of_what_was_taken_back_nothing_is_left_on_the_message(cast: Cast) -> None:
    message = own_message(cast)
    words = ("text", "html", "layout", "quoted", "besides")
    Message.objects.filter(pk=message.pk).update(**dict.fromkeys(words, "тайна"))
    message.refresh_from_db()
    withdraw_message(actor=by(cast.agent), at=START, message=message)
    message.refresh_from_db()
    assert [getattr(message, name) for name in words] == [""] * 5 and message.withdrawn_at == START
    assert MessageRevision.objects.get(message=message).text == "тайна"


def test_taking_a_message_back_cancels_its_own_mails_that_no_server_was_offered(cast: Cast) -> None:
    message, other = own_message(cast), own_message(cast)
    expected = {}
    for number, (about, state, attempts, left) in enumerate(
        [
            (message.pk, "queued", 0, "cancelled"),
            (message.pk, "queued", 1, "queued"),
            (message.pk, "sent", 0, "sent"),
            (other.pk, "queued", 0, "queued"),
            (None, "queued", 0, "queued"),
        ]
    ):
        mail = OutboundMail.objects.create(
            recipient="a@b.test", sender="c@d.test", kind="comment", cause=f"x{number}", subject="s", text="t",
            message_id=f"<{number}@d.test>", created_at=START, retry_at=START, ticket_id=cast.ticket.pk, about=about,
            state=state, attempts=attempts,
        )  # fmt: skip
        expected[mail.pk] = left
    withdraw_message(actor=by(cast.agent), at=START, message=message)
    assert dict(OutboundMail.objects.filter(pk__in=expected).values_list("pk", "state")) == expected


def test_what_stood_there_before_a_correction_is_for_the_staff_too(cast: Cast) -> None:
    message = own_message(cast)
    edit_message(actor=by(cast.agent), at=START, message=message, words=Words("Второе"))
    withdraw_message(actor=by(cast.agent), at=START, message=message)
    assert sorted(MessageRevision.objects.values_list("text", "withdrawn")) == [("Второе", True), ("Первое", True)]


def test_a_file_of_what_was_taken_back_is_for_the_staff_alone(cast: Cast) -> None:
    message = own_message(cast)
    file = Attachment.objects.create(message=message, name="a.txt", size=1, digest="0" * 64, created_at=START)
    assert attachment_for(cast.anna, file.pk) == file
    withdraw_message(actor=by(cast.agent), at=START, message=message)
    assert attachment_for(cast.anna, file.pk) is None
    assert attachment_for(cast.agent, file.pk) == file
