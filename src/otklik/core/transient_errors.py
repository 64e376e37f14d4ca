"""Whether an error is transient (disk, database, network) or caused by the processed row itself."""

import errno

from django.db import InterfaceError, OperationalError

_FULL_OR_BROKEN = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
# Classes of SQLSTATE: no connection, no resources, rolled back by the server, operator's act, trouble of the system.
_CLASSES = ("08", "53", "40", "57", "58")
_STATEMENT_TIMEOUT = "57014"


_LOST_RACES = {"40P01", "40001"}


def is_lost_race(error: BaseException) -> bool:
    """Return whether PostgreSQL rolled the transaction back in favour of another: deadlock or serialization failure."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) in _LOST_RACES


def is_transient(error: BaseException) -> bool:
    """Return whether the same work can succeed later: disk full, no database connection, out of resources.

    Such errors must not count as failed attempts of the row, which is sound. A statement timeout is not transient.
    """
    if isinstance(error, OSError):
        return error.errno in _FULL_OR_BROKEN
    if isinstance(error, InterfaceError):
        return True
    if isinstance(error, OperationalError):
        state = getattr(error.__cause__, "sqlstate", None)
        return state is None or (state.startswith(_CLASSES) and state != _STATEMENT_TIMEOUT)
    return False
