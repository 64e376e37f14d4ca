"""What a command must refuse, told by its code (docs/refusals.md): wordings are another matter."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from otklik.core.errors import UnableTo


@contextmanager
def refused_as(*codes: str) -> Iterator[pytest.ExceptionInfo[UnableTo]]:
    """The block must end in the refusal with this code, or one of several for the turns of a loop; what is given tells
    more of it afterwards."""
    with pytest.raises(UnableTo) as caught:
        yield caught
    assert caught.value.code in codes
