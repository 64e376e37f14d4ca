"""`change_answers` changes answers to a form."""

from otklik.journal.models import Event
from otklik.tickets.commands.answers import change_answers
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Change, Message
from tests.acting import by as act_by
from tests.acting import refuses, tells
from tests.cast import Cast
from tests.tickets.test_changes import asked, by


def test_answers_are_fields_of_their_own(cast: Cast) -> None:
    asked(cast)
    change_answers(**by(cast.agent), ticket=cast.ticket, answers={"room": "12"})
    change_answers(**by(cast.agent), ticket=cast.ticket, answers={"room": "14"})
    rows = Change.objects.filter(ticket=cast.ticket).order_by("id").values_list("field", "old", "new")
    assert list(rows) == [("answer:room", "", "12"), ("answer:room", "12", "14")]


def test_staff_change_answers_with_one_event_and_keys_of_no_field_are_left_out(cast: Cast) -> None:
    kind = cast.ticket.request_type
    assert kind is not None
    field = next(one for one in kind.form_fields.order_by("position") if one.kind == "text")
    with tells("ticket.answers_changed"):
        for _ in range(2):
            row = change_answers(
                **act_by(cast.agent), ticket=cast.ticket, answers={field.key: "Кабинет 7", "no_such": "x"}
            )
    assert row.answers == {field.key: "Кабинет 7"}
    with refuses("ticket.staff_only"):
        change_answers(**act_by(cast.anna), ticket=cast.ticket, answers={field.key: "x"})


def test_only_answers_that_others_changed_meanwhile_stand_in_the_way(cast: Cast) -> None:
    asked(cast)
    seen = Event.objects.latest("id").pk
    comment(**act_by(cast.lead), ticket=cast.ticket, words=Words("Смотрю"), kind="internal")
    change_answers(**act_by(cast.agent), ticket=cast.ticket, answers={"room": "12"}, seen=seen)
    with refuses("ticket.answers_changed"):
        change_answers(**act_by(cast.lead), ticket=cast.ticket, answers={"room": "14"}, seen=seen)


def test_a_request_is_found_by_answers_in_its_opening_alone(cast: Cast) -> None:
    asked(cast)
    Attachment.objects.create(message=Message.objects.filter(opening=False)[0], name="otherfile.txt", size=1)
    before = list(Message.objects.filter(opening=False).order_by("pk").values_list("pk", "besides"))
    change_answers(**by(cast.agent), ticket=cast.ticket, answers={"room": "Рентген"})
    besides = Message.objects.get(ticket=cast.ticket, opening=True).besides.lower()
    assert "рентген" in besides and "otherfile" not in besides
    assert list(Message.objects.filter(opening=False).order_by("pk").values_list("pk", "besides")) == before
