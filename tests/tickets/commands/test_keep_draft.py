"""`keep_draft` saves a draft."""

from otklik.tickets.commands.drafts import Hand, Place, keep_draft
from otklik.tickets.content import NewFile
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


def test_files_alone_are_kept_too(cast: Cast) -> None:
    place, file = Place("comment", cast.ticket.pk, cast.ticket.pk), NewFile("scan.png", "image/png", 1, "d" * 64)
    keep_draft(person=cast.anna, at=LATER, place=place, words={}, files={"files": [file]}, by=Hand(writer="one"))
    assert [one["name"] for one in Draft.objects.get().files["files"]] == ["scan.png"]


def test_words_of_another_page_become_the_former_ones_and_an_empty_draft_is_none(cast: Cast) -> None:
    place = Place("comment", cast.ticket.pk, cast.ticket.pk)
    for writer, text in (("one", "раз"), ("two", "два")):
        keep_draft(person=cast.anna, at=LATER, place=place, words={"comment": [text]}, files={}, by=Hand(writer=writer))
    row = Draft.objects.get()
    assert (row.words, row.former["words"]) == ({"comment": ["два"]}, {"comment": ["раз"]})
    for writer, text in (("two", ""), ("three", "три")):
        keep_draft(person=cast.anna, at=LATER, place=place, words={"comment": [text]}, files={}, by=Hand(writer=writer))
    row = Draft.objects.get()
    assert (row.words, row.former["words"]) == ({"comment": ["три"]}, {"comment": ["раз"]})


def test_what_a_page_keeps_late_changes_nothing_and_without_a_page_nothing_is_late(cast: Cast) -> None:
    place = Place("comment", cast.ticket.pk, cast.ticket.pk)
    for writer, kept in (("one", ["раз", "два", "два"]), ("", ["раз", "два", "три"])):
        for stamp, text, expected in zip((2, 3, 3), ("раз", "два", "три"), kept, strict=True):
            hand = Hand(writer=writer, stamp=stamp, base=99)
            keep_draft(person=cast.anna, at=LATER, place=place, words={"comment": [text]}, files={}, by=hand)
            assert Draft.objects.get().words == {"comment": [expected]}, (writer, text)
