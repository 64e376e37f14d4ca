"""The database session store (SESSION_ENGINE), read by a prepared statement (ADR 106)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet, Subquery
from django.utils import timezone

from otklik.core.configuration_cache import note_version
from otklik.core.fast_reads import fast_read
from otklik.core.models import ConfigurationVersion

# The backend stored in sessions from before people.login_backend existed.
_FORMER_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_BACKEND = "otklik.people.login_backend.LoginBackend"


class SessionStore(db.SessionStore):
    """Django's database sessions, with the same table and content, read faster."""

    def load(self) -> dict[str, Any]:
        """Return the session's data, {} if unknown or expired. Also notes the configuration's version (ADR 102)."""
        rows = _live(key=self.session_key or "", now=timezone.now())
        if not rows:
            self._session_key = None
            return {}
        ((data, version),) = rows
        note_version(version)
        values: dict[str, Any] = self.decode(data)
        if values.get(BACKEND_SESSION_KEY) == _FORMER_BACKEND:
            values[BACKEND_SESSION_KEY] = _BACKEND
        return values


@fast_read("key", "now")
def _live(*, key: str, now: datetime) -> QuerySet[Session, tuple[str, UUID | None]]:
    """Return the session's data if it has not expired, with the configuration's version (ADR 102)."""
    version = Subquery(ConfigurationVersion.objects.values("version")[:1])
    return Session.objects.filter(session_key=key, expire_date__gt=now).values_list("session_data", version)
