"""Links with power over accounts that turned up where others read: they stop working at once (AB-29)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.http import base36_to_int

from otklik.people.codes import void_codes
from otklik.people.models import AccountToken, Person
from otklik.people.reset_links import ResetKeys
from otklik.people.tokens import digest_of

MOST_LOOKED_AT = 2_000


def void_seen(*, at: datetime, secrets: Collection[str]) -> int:
    """Of these words, whatever is a live secret of an account works no more; returns how many there were.

    A new link on demand is another one. Words that are no secret change nothing.
    """
    looked_at = sorted(secrets)[:MOST_LOOKED_AT]
    with transaction.atomic():
        codes = void_codes([one for one in looked_at if len(one) <= 15], at)
        tokens = AccountToken.objects.filter(digest__in=[digest_of(one) for one in looked_at], expires_at__gt=at)
        return codes + tokens.delete()[0] + sum(map(_void_reset_key, looked_at))


def _void_reset_key(secret: str) -> int:
    uid, dash, key = secret.partition("-")
    if not dash or "-" not in key:
        return 0
    try:
        person = Person.objects.filter(pk=base36_to_int(uid)).first()
    except (ValueError, OverflowError):
        return 0
    if person is None or not ResetKeys().check_token(person, key):
        return 0
    return Person.objects.filter(pk=person.pk).update(reset_epoch=F("reset_epoch") + 1)
