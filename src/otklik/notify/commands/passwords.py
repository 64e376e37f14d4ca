"""Set a new password, with the mail that reports it, in one transaction (AB-35)."""

from datetime import datetime

from django.db import transaction

from otklik.notify.account_mails import notice_mail
from otklik.notify.account_texts import password_changed
from otklik.people.commands import profile
from otklik.people.models import Person


def change_password(*, person: Person, at: datetime, password: str) -> None:
    """Change the password as people.commands.profile does, and notify the primary address."""
    with transaction.atomic():
        profile.change_password(person=person, at=at, password=password)
        if person.email:
            notice_mail(person=person, recipients=[person.email], what=password_changed, at=at)
