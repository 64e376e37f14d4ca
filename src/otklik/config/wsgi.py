"""The WSGI application, for ``otklik web`` and for any other WSGI server."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from otklik.webserver.header_limits import bound_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "otklik.config.settings")

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django's application, for requests with bounded headers."""
    return _django(bound_headers(environ), start_response)
