"""Idempotent form submissions: a form with the same nonce is executed once (reliability case RL-33)."""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from otklik.core.locks import lock
from otklik.core.models import Submission

P = ParamSpec("P")
Write: TypeAlias = Callable[Concatenate[HttpRequest, P], str]


def new_nonce() -> str:
    """Return a random value for the hidden field `nonce` of a newly rendered form."""
    return secrets.token_urlsafe(16)


def once_per_nonce(*, nonce: str, owner: int, content: Iterable[str], at: datetime, act: Callable[[], str]) -> str:
    """Call `act` in a transaction unless the same content was submitted with this nonce; return its result.

    `act` returns a text of at most 500 characters that identifies the result, such as a URL; it is stored and returned
    for repeated submissions. Different content with the same nonce is a new submission, so that going back in the
    browser and editing loses nothing. Concurrent submissions wait for the first. If `act` raises, nothing is stored.
    With an empty nonce, `act` is always called.
    """
    with transaction.atomic():
        if not nonce:
            return act()
        mark = _mark(nonce, owner, content)
        # ON CONFLICT waits for a sending that is under way, then sees its outcome.
        made = Submission.objects.bulk_create([Submission(mark=mark, at=at)], ignore_conflicts=True)
        submission = lock(Submission, made[0].pk)
        if not submission.result:
            submission.result = act()
            submission.save(update_fields=["result"])
        return submission.result


def once(content: Callable[..., Iterable[str]]) -> Callable[[Write[P]], Write[P]]:
    """Decorator for the writing part of a view: the same form with the same content is executed once.

    The decorated function takes the request and returns the URL to redirect to. `content` takes the same arguments and
    returns the submitted texts; nonce and owner are read from the request.
    """

    def decorated(write: Write[P]) -> Write[P]:
        @wraps(write)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> str:
            return once_per_nonce(
                nonce=request.POST.get("nonce", ""),
                owner=request.user.pk or 0,
                content=content(request, *args, **kwargs),
                at=timezone.now(),
                act=lambda: write(request, *args, **kwargs),
            )

        return guarded

    return decorated


def _mark(nonce: str, owner: int, content: Iterable[str]) -> str:
    hasher = hashlib.sha256()
    for word in (nonce, str(owner), *content):
        hasher.update(hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest())
    return hasher.hexdigest()
