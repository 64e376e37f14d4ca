"""`settle_draft` removes the draft of a sent text."""

from otklik.tickets.commands.drafts import Hand, Place, keep_draft, settle_draft
from otklik.tickets.models import Draft
from tests.acting import LATER
from tests.cast import Cast


def test_what_was_sent_goes_and_what_was_written_elsewhere_stays(cast: Cast) -> None:
    place = Place("comment", cast.ticket.pk, cast.ticket.pk)
    keep_draft(person=cast.anna, at=LATER, place=place, words={"comment": ["раз"]}, files={}, by=Hand(writer="one"))
    settle_draft(person=cast.anna, at=LATER, place=place, words={"comment": ["другое"]}, by=Hand(writer="two"))
    assert Draft.objects.get().words == {"comment": ["раз"]}
    settle_draft(person=cast.anna, at=LATER, place=place, words={"comment": ["раз"]}, by=Hand(writer="two"))
    assert not Draft.objects.exists()
