"""A logging filter that removes secrets of links and reply addresses (AB-33)."""

import logging
import re

from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured
from django.utils.module_loading import import_string

from otklik.core.log_formatter import OneLine

_LONGEST = 300
# Used until the URL configuration is loaded: remove anything that may be a secret.
_ANY = re.compile(r"[A-Za-z0-9_-]{40,}")


class Discreet(OneLine):
    """Formats each record in one line, with traceback, and without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class OfStrangers(logging.Filter):
    """Turns errors caused by clients (4xx, django.security) into warnings of one short line without traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record if it is one; return whether it is logged."""
        status = getattr(record, "status_code", None) or 0
        if not record.name.startswith("django.security") and not 400 <= status < 500:
            return True
        message = without_secrets(record.getMessage())
        record.msg, record.args = (message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"), ()
        record.exc_info = record.exc_text = record.stack_info = None
        if record.levelno > logging.WARNING:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return record.levelno >= logging.getLogger().level


def without_secrets(line: str) -> str:
    """Return the line without secrets of URLs and signed addresses."""
    try:
        return str(import_string("otklik.mail.secret_scan.for_logs")(line))
    except (ImportError, AppRegistryNotReady, ImproperlyConfigured):
        return _ANY.sub("…", line)
