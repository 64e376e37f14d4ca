"""What pg_dump and pg_restore are told of the database."""

import pytest
from django.db import connection

from otklik.cli.pg_tools import _environment


def test_a_copy_over_the_network_is_encrypted_as_the_connection_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"host": "db.test", "password": "secret", "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}
    monkeypatch.setattr(connection, "get_connection_params", lambda: asked)
    told = _environment()
    assert (told["PGHOST"], told["PGPASSWORD"]) == ("db.test", "secret")
    assert (told["PGSSLMODE"], told["PGSSLROOTCERT"]) == ("verify-full", "/etc/ca.pem")
    assert "PGSSLKEY" not in told
