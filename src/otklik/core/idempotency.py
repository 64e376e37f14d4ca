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
    """A name for one showing of a form; goes into its hidden field `nonce`."""
    return secrets.token_urlsafe(16)


def once_per_nonce(*, nonce: str, owner: int, content: Iterable[str], at: datetime, act: Callable[[], str]) -> str:
    """Call `act` in a transaction, unless the same words were sent with this nonce before; return what it returned.

    `act` returns a short text that leads to the result (an address, 500 characters at most). The same form with other
    words is another submission: who goes back in the browser and writes on loses nothing. Parallel sendings wait
    for the first; when `act` raises, nothing is remembered and the exception goes on. Without a nonce: no memory.
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
    """For the function of a view that does what the form asks and returns where that leads: the same form with the same
    words does it once. `content`, given the same arguments, says what the words are; the form's `nonce` and who sends
    it are in the request.
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
