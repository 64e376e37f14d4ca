"""Human-readable file sizes."""

import re
from functools import lru_cache

from django.template.defaultfilters import filesizeformat as django_filesizeformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

_ZERO_FRACTION = re.compile(r"[.,]0(?=\D)")


def filesizeformat(size: object) -> str:
    """Like Django's filter, without a zero fraction: "25 MB", "1.5 KB". For 0 it says that the file is empty."""
    return _words(size, get_language())


@lru_cache(maxsize=500)
def _words(size: object, _language: str | None) -> str:
    if size == 0:
        return _("0 bytes: the file is empty")
    return _ZERO_FRACTION.sub("", django_filesizeformat(size))  # type: ignore[arg-type]
