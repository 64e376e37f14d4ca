"""Invalidate account links and API tokens that leaked into text which others can read (AB-29, AB-40)."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.http import base36_to_int

from otklik.people.actor import system
from otklik.people.commands.api_tokens import revoke_token
from otklik.people.mailed_codes import void_codes
from otklik.people.models import AccountToken, ApiToken, Person
from otklik.people.reset_links import ResetKeys
from otklik.people.tokens import digest_of

_MOST_RESET_KEYS, _AT_ONCE = 300, 5_000
_RESET_KEY = re.compile(r"([0-9a-z]{1,13})-([0-9a-z]{4,13}-[0-9a-f]{32,64})")


def void_seen(*, at: datetime, secrets: Collection[str]) -> int:
    """Invalidate every live secret among these words; return how many there were.

    Covers account tokens, login codes, API tokens and password-reset keys. Other words are ignored; at most
    _MOST_RESET_KEYS reset keys are checked.
    """
    looked_at = sorted(secrets)
    with transaction.atomic():
        count = void_codes([secret for secret in looked_at if len(secret) <= 15], at)
        for begin in range(0, len(looked_at), _AT_ONCE):
            digests = [digest_of(secret) for secret in looked_at[begin : begin + _AT_ONCE]]
            count += AccountToken.objects.filter(digest__in=digests, expires_at__gt=at).delete()[0]
            for token in ApiToken.objects.filter(digest__in=digests, expires_at__gt=at):
                revoke_token(actor=system(), at=at, token=token)
                count += 1
        return count + _void_reset_keys(looked_at)


def _void_reset_keys(secrets: Iterable[str]) -> int:
    reset_keys = [(base36_to_int(key[1]), key[2]) for key in map(_RESET_KEY.fullmatch, secrets) if key is not None]
    keys = [(pk, key) for pk, key in reset_keys if pk < _PAST_IDS][:_MOST_RESET_KEYS]
    people = Person.objects.in_bulk({pk for pk, _ in keys}) if keys else {}
    seen = {pk for pk, key in keys if pk in people and ResetKeys().check_token(people[pk], key)}
    return Person.objects.filter(pk__in=seen).update(reset_epoch=F("reset_epoch") + 1) if seen else 0


_PAST_IDS = 2**63
