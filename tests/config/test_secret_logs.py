"""Logs contain no secret of a link (AB-33)."""

import io
import logging
import logging.config
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from otklik.cli.services import _LOGGING
from otklik.config.logs import Discreet
from otklik.core.secret_links import secret_paths
from otklik.mail import tokens
from otklik.mail.models import OutboundMail
from otklik.mail.verp import return_path
from tests.cast import Cast

SECRET = "96.1:2O7eAbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_ab"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Yield the stream to which the product's log format writes."""
    handler = logging.StreamHandler(io.StringIO())
    line = settings.LOGGING["formatters"]["line"]
    handler.setFormatter(logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(line)))
    root = logging.getLogger()
    root.addHandler(handler)
    before, root.level = root.level, logging.INFO
    yield handler.stream
    root.removeHandler(handler)
    root.level = before


@pytest.mark.parametrize("path", secret_paths())
@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_ab_33_no_refused_request_writes_a_secret_into_the_log(
    path: str, method: str, cast: Cast, log: io.StringIO
) -> None:
    for secret in (SECRET, "kurz", "xyz-abc-" + "0" * 32, SECRET + "?score=4"):
        for strict in (True, False):
            getattr(Client(enforce_csrf_checks=strict), method)(f"/{path}{secret}")
            getattr(Client(enforce_csrf_checks=strict), method)(f"/{path}{secret}/")
    said = log.getvalue()
    assert path.rstrip("/").rpartition("/")[2] in said or method == "get", said
    for secret in (SECRET, SECRET[-30:], "kurz", "0" * 32):
        assert secret not in said


def test_ab_33_no_traceback_and_no_word_of_a_library_carries_one(log: io.StringIO, cast: Cast) -> None:
    token = tokens.sign(7, 1)
    mail = OutboundMail(pk=12, sender="accredo@desk.test")
    for path in secret_paths():
        try:
            raise ValueError(f"http://127.0.0.1:8000/{path}{SECRET} is wrong")
        except ValueError:
            logging.getLogger("django.request").exception("Internal Server Error: /%s%s", path, SECRET)
    logging.getLogger("mail.log").warning("RCPT TO:<accredo+%s@desk.test>", token)
    logging.getLogger("mail.log").warning("MAIL FROM:<%s>", return_path(mail))
    logging.getLogger("django").warning("next=%%2Fservicedesk%%2Fcustomer%%2Frating%%2F%s", SECRET)
    said = log.getvalue()
    assert SECRET not in said and SECRET[-30:] not in said and token not in said
    assert "ValueError" in said and "desk.test" in said and "+b12-" not in said


def test_the_web_server_writes_by_the_same_rule() -> None:
    for config in (settings.LOGGING, _LOGGING):
        assert config["formatters"]["line"]["()"] == f"{Discreet.__module__}.{Discreet.__name__}"
    record = logging.LogRecord(
        "granian.access", logging.INFO, __file__, 1, "GET /%s%s", (secret_paths()[0], SECRET), None
    )
    assert SECRET not in Discreet("%(message)s").format(record)


def test_before_the_product_is_loaded_whatever_may_be_a_secret_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "otklik.mail.secret_scan", None)
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "GET /secure/ActivateAccount/%s", ("a" * 43,), None)
    assert Discreet("%(message)s").format(record) == "GET /secure/ActivateAccount/…"
