"""Log lines in which no secret of a link or of a reply address stands (AB-33)."""

import logging
import re

from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured
from django.utils.module_loading import import_string

from otklik.core.logs import OneLine

# While the product is still being loaded, its URL table is not known: whatever may be a secret goes.
_ANY = re.compile(r"[A-Za-z0-9_-]{40,}")


class Discreet(OneLine):
    """One line for each record, tracebacks and what libraries say included, with every secret cut out."""

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))


def discreet(line: str) -> str:
    """The line without what stands behind the secret-bearing paths of the URL table, and without signed addresses."""
    try:
        return str(import_string("otklik.mail.private.for_logs")(line))
    except (ImportError, AppRegistryNotReady, ImproperlyConfigured):
        return _ANY.sub("…", line)
