"""Colleagues are named by "@" and their name."""

import pytest

from otklik.people.models import Person
from otklik.tickets.mentions import mentioned_in

OLGA, OLGA_S, PETR, SEMYON = (
    Person(pk=number, name=name) for number, name in enumerate(("Ольга", "Ольга Смирнова", "Пётр O'Hara", "Семён"))
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ольга, посмотрите", [OLGA]),
        ("Спросите @Ольга Смирнова.", [OLGA_S]),
        ("@ольга смирнова и @ПЕТР o'hara", [OLGA_S, PETR]),
        ("(@Семен)\n@Семён", [SEMYON]),
        ("@Ольга Смирновавна", [OLGA]),
        ("@Ольгам", []),
        ("a@Семён, почта@семён", []),
        ("_@Семён и @ Семён", []),
        ("Ольга Смирнова", []),
        ("@", []),
        ("@@Семён", [SEMYON]),
        ("", []),
    ],
)
def test_the_longest_name_behind_the_sign_is_meant(text: str, named: list[Person]) -> None:
    assert mentioned_in(text, [OLGA, SEMYON, PETR, OLGA_S, Person(pk=9, name="")]) == named
