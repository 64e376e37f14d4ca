"""Process many rows together; if that fails, process each by itself so that only the faulty ones fail."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction

from otklik.core.transient_errors import is_transient

log = logging.getLogger("otklik.worker")
Key = TypeVar("Key")


def piecemeal(what: str, keys: Sequence[Key], act: Callable[[Sequence[Key]], int]) -> int:
    """Call `act` with all keys in one transaction; on an error, with each half, down to the faulty key.

    Returns the sum of what the successful calls returned. The faulty key is logged as `what` and left alone. Raises
    only transient errors (core.transient_errors).
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
