"""Process many rows together; if that fails, process each by itself so that only the faulty ones fail."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction

from otklik.core.transient_errors import is_transient

log = logging.getLogger("otklik.worker")
Key = TypeVar("Key")


def piecemeal(what: str, keys: Sequence[Key], act: Callable[[Sequence[Key]], int]) -> int:
    """The sum of what `act` returns for the keys, each time in a transaction of its own.

    All are tried together; where that fails, each half by itself, down to the one at fault, which is logged as `what`
    and left. Raises only what is about the machine (core.transient_errors).
    """
    if not keys:
        return 0
    try:
        with transaction.atomic():
            return act(keys)
    except Exception as error:
        if is_transient(error):
            raise
        if len(keys) == 1:
            log.exception("%s: nothing can be done about %s", what, keys[0])
            return 0
    half = len(keys) // 2
    return piecemeal(what, keys[:half], act) + piecemeal(what, keys[half:], act)
