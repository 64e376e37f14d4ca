"""Expected refusals by code (docs/refusals.md), independent of their wording."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from otklik.core.errors import UnableTo


@contextmanager
def refused_as(*codes: str) -> Iterator[pytest.ExceptionInfo[UnableTo]]:
    """Require that the block is refused with this code, or one of several for the iterations of a loop; yields pytest's
    exception info."""
    with pytest.raises(UnableTo) as caught:
        yield caught
    assert caught.value.code in codes
