"""`throw_draft` deletes a draft."""

from otklik.tickets.commands.drafts import Hand, Place, keep_draft, throw_draft
from otklik.tickets.models import Draft
from tests.acting import LATER
from tests.cast import Cast


def test_thrown_words_can_be_brought_back(cast: Cast) -> None:
    place, hand = Place("comment", cast.ticket.pk, cast.ticket.pk), Hand(writer="one")
    keep_draft(person=cast.anna, at=LATER, place=place, words={"comment": ["раз"]}, files={}, by=hand)
    throw_draft(person=cast.anna, at=LATER, place=place, words={}, files={}, by=hand)
    row = Draft.objects.get()
    assert row.words == {} and row.former == {"words": {"comment": ["раз"]}, "files": {}, "thrown": True}
