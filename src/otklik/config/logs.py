"""A logging filter that removes secrets of links and reply addresses (AB-33)."""

import logging
import re

from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured
from django.utils.module_loading import import_string

from otklik.core.log_formatter import OneLine

_LONGEST = 300
# While the product is still being loaded, its URL table is not known: whatever may be a secret goes.
_ANY = re.compile(r"[A-Za-z0-9_-]{40,}")


class Discreet(OneLine):
    """One line for each record, tracebacks and what libraries say included, with every secret cut out."""

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))


class OfStrangers(logging.Filter):
    """What was sent and could not be served is no trouble of ours: a warning of one short line, not a traceback of
    whatever length a stranger likes. Records of the product's own trouble stay as they are."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written; changes it."""
        status = getattr(record, "status_code", None) or 0
        if not record.name.startswith("django.security") and not 400 <= status < 500:
            return True
        message = discreet(record.getMessage())
        record.msg, record.args = (message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"), ()
        record.exc_info = record.exc_text = record.stack_info = None
        if record.levelno > logging.WARNING:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return record.levelno >= logging.getLogger().level


def discreet(line: str) -> str:
    """The line without what stands behind the secret-bearing paths of the URL table, and without signed addresses."""
    try:
        return str(import_string("otklik.mail.secret_scan.for_logs")(line))
    except (ImportError, AppRegistryNotReady, ImproperlyConfigured):
        return _ANY.sub("…", line)
