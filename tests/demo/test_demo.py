"""What the demo shows to its first visitor."""

import re

import pytest

from otklik.demo.create_demo import CUSTOMER, create_demo
from otklik.desks.models import Desk, RequestType
from otklik.people.models import Person
from tests.cast import as_

pytestmark = pytest.mark.django_db
CYRILLIC = re.compile(r"[А-Яа-яЁё][^<\n]*")


def test_an_english_reader_finds_every_form_in_english() -> None:
    create_demo()
    Person.objects.filter(email=CUSTOMER[0]).update(language="en")
    client = as_(Person.objects.get(email=CUSTOMER[0]))
    kinds = RequestType.objects.filter(hidden=False, archived=False)
    assert kinds.count() == 6
    for kind in kinds:
        page = client.get(f"/servicedesk/customer/portal/{kind.desk_id}/create/{kind.pk}").content.decode()
        form = page.split("<main")[1].split("<form", 1)[1].split("</form>")[0]
        assert "Description" in form and CYRILLIC.findall(form) == [], kind.name


def test_only_who_wrote_a_first_mail_today_is_a_stranger() -> None:
    """Others would get mails without words, as if they had never answered."""
    create_demo()
    asked = Person.objects.filter(requested_tickets__desk=Desk.objects.get(key="CLINIC"), email__isnull=False)
    strangers = {person.email for person in asked if not person.is_heard}
    assert strangers == {"zaharov@hospital-12.example"}
