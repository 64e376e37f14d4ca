"""One-time codes sent by mail for login and confirmation; each is valid only while its row exists (AB-29).

The browser that asked holds the code; the row is what lets somebody else end it. Its digest takes the secret key, as
eight digits alone would soon be guessed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from otklik.people.models import AccountToken, Person

MOST_LOOKED_AT = 200


def note_code(*, person: Person, code: str, at: datetime) -> None:
    """Store that the code was mailed to the person. Call in the mail's transaction. Deletes the person's expired
    codes."""
    rows = AccountToken.objects.filter(person=person, purpose=AccountToken.LOGIN_CODE)
    rows.filter(expires_at__lte=at).delete()
    until = at + timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
    fresh = {"purpose": AccountToken.LOGIN_CODE, "person": person, "created_at": at, "expires_at": until}
    AccountToken.objects.update_or_create(digest=_digest(person.pk, code), defaults=fresh)


def is_code_live(*, person: Person, code: str, at: datetime) -> bool:
    """Return whether this code was mailed to the person and is neither expired nor voided."""
    rows = AccountToken.objects.filter(person=person, purpose=AccountToken.LOGIN_CODE, expires_at__gt=at)
    return rows.filter(digest=_digest(person.pk, _plain(code))).exists()


def void_codes(codes: Iterable[str], at: datetime) -> int:
    """Void those of these texts that are live login codes of anybody; return their number.

    Looks at MOST_LOOKED_AT people and texts at most.
    """
    rows = AccountToken.objects.filter(purpose=AccountToken.LOGIN_CODE, expires_at__gt=at)
    people = set(rows.values_list("person_id", flat=True)[:MOST_LOOKED_AT])
    seen = list(dict.fromkeys(map(_plain, codes)))[:MOST_LOOKED_AT]
    digests = [_digest(person, code) for person in people for code in seen]
    return rows.filter(digest__in=digests).delete()[0] if digests else 0


def _plain(code: str) -> str:
    return "".join(char for char in code if char.isalnum())


def _digest(person: int | None, code: str) -> str:
    return salted_hmac("otklik.mailed_code", f"{person}:{_plain(code)}", algorithm="sha256").hexdigest()
