"""Saved filters of the customer's list: how many, and two at once."""

import pytest

from otklik.core.locks import lock
from otklik.people.models import Person
from otklik.portal.models import SavedView
from tests.cast import build_cast
from tests.meanwhile import meanwhile
from tests.portal.helpers import as_

VIEWS = "/servicedesk/customer/user/requests/views"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("before", "expected"), [(29, 30), (28, 30)])
def test_two_filters_saved_at_once_keep_to_thirty(home: object, before: int, expected: int) -> None:
    anna = build_cast().anna
    SavedView.objects.bulk_create(SavedView(person=anna, name=f"f{number}") for number in range(before))

    def other() -> None:
        lock(Person, anna.pk, weakly=True)
        SavedView.objects.create(person=anna, name="other")

    client = as_(anna)
    with meanwhile(other) as seen:
        answer = client.post(VIEWS, {"name": "mine", "back": ""})
    assert seen.waited
    assert answer.status_code == (302 if before == 28 else 422)
    assert SavedView.objects.filter(person=anna).count() == expected


@pytest.mark.django_db(transaction=True)
def test_the_same_name_saved_twice_at_once_is_refused_with_words(home: object) -> None:
    anna = build_cast().anna
    mine = SavedView.objects.create(person=anna, name="mine")

    def other() -> None:
        lock(Person, anna.pk, weakly=True)
        SavedView.objects.create(person=anna, name="other")

    client = as_(anna)
    with meanwhile(other) as seen:
        answer = client.post(f"{VIEWS}/{mine.pk}/rename", {"name": "other"})
    assert seen.waited and answer.status_code == 302
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["mine", "other"]
