"""`restore_draft` restores a draft."""

from otklik.tickets.commands.drafts import Hand, Place, keep_draft, restore_draft, throw_draft
from otklik.tickets.models import Draft
from tests.acting import LATER
from tests.cast import Cast


def test_what_was_thrown_away_comes_back_and_changes_places_with_what_is_there(cast: Cast) -> None:
    place, hand = Place("comment", cast.ticket.pk, cast.ticket.pk), Hand(writer="one")
    keep_draft(person=cast.anna, at=LATER, place=place, words={"comment": ["раз"]}, files={}, by=hand)
    throw_draft(person=cast.anna, at=LATER, place=place, words={}, files={}, by=hand)
    restore_draft(person=cast.anna, at=LATER, place=place, words={"comment": ["два"]}, files={}, by=hand)
    row = Draft.objects.get()
    assert (row.words, row.former["words"]) == ({"comment": ["раз"]}, {"comment": ["два"]})
