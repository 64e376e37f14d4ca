"""`change_labels` changes the labels."""

import pytest

from otklik.tickets.commands.properties import MOST_LABELS, change_labels
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.test_properties import by, changes


def test_labels_are_sorted_and_kept_once_as_they_are_written(cast: Cast) -> None:
    assert change_labels(**by(cast), labels=["vip", "VIP", "ККТ", "vip"]).labels == ["VIP", "vip", "ККТ"]
    assert change_labels(**by(cast), labels=[]).labels == []
    assert [row[:3] for row in changes(cast)] == [("labels", "", "VIP vip ККТ"), ("labels", "VIP vip ККТ", "")]
    assert not Ticket.objects.filter(labels__contains=["vip"]).exists()


@pytest.mark.parametrize("label", ["", " ", "два слова", "a\tb", "a\u00a0b", "vip ", "x" * 256])
def test_what_is_no_label_is_refused(cast: Cast, label: str) -> None:
    change_labels(**by(cast), labels=["vip"])
    with refused_as("ticket.label_invalid", "ticket.label_too_long"):
        change_labels(**by(cast), labels=["a", label])
    cast.ticket.refresh_from_db()
    assert cast.ticket.labels == ["vip"]


def test_labels_are_not_without_end(cast: Cast) -> None:
    many = [f"label{number}" for number in range(MOST_LABELS)]
    assert len(change_labels(**by(cast), labels=[*many, many[0]]).labels) == MOST_LABELS
    with refused_as("ticket.too_many_labels"):
        change_labels(**by(cast), labels=[*many, "further"])
