"""Tables are emptied only after the live server has answered all requests."""

import threading
import time

import pytest
from django.core.signals import request_finished, request_started

from tests import serving


@pytest.fixture
def request_under_way() -> threading.Event:
    """Start a thread that answers a request until the returned event is set."""
    begun, answered = threading.Event(), threading.Event()

    def answer() -> None:
        request_started.send(sender=None)
        begun.set()
        answered.wait(10)
        request_finished.send(sender=None)

    threading.Thread(target=answer, daemon=True).start()
    assert begun.wait(10)
    return answered


@pytest.mark.django_db
def test_a_request_of_another_thread_is_waited_for(request_under_way: threading.Event) -> None:
    assert serving.in_flight() == 1
    threading.Timer(0.2, request_under_way.set).start()
    began = time.monotonic()
    serving.wait_until_answered()
    assert serving.in_flight() == 0
    assert time.monotonic() - began >= 0.15


@pytest.mark.django_db
def test_a_request_without_end_is_not_waited_for_without_end(request_under_way: threading.Event) -> None:
    serving.wait_until_answered(most_seconds=0.1)
    assert serving.in_flight() == 1
    request_under_way.set()
