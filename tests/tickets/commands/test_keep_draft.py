"""What somebody began to write."""

from otklik.tickets.commands.drafts import Hand, Place, keep_draft
from otklik.tickets.models import Draft
from tests.acting import LATER, tells
from tests.cast import Cast


def test_words_are_kept_replaced_and_forgotten_without_an_event(cast: Cast) -> None:
    place = Place("comment", cast.ticket.pk, cast.ticket.pk)
    with tells():
        for text in ("раз", "два"):
            keep_draft(
                person=cast.anna, at=LATER, place=place, words={"comment": [text]}, files={}, by=Hand(writer="one")
            )
        assert Draft.objects.get().words == {"comment": ["два"]}
        keep_draft(person=cast.anna, at=LATER, place=place, words={}, files={}, by=Hand(writer="one"))
    assert not Draft.objects.exists()
