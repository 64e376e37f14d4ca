"""The system account that runs the embedded PostgreSQL: our own, or an unprivileged one if Otklik runs as root.

PostgreSQL refuses to run as root. If root starts Otklik, a system account therefore runs the server. It is lent the
capability to traverse directories that only root may enter, such as root's home, so that these need not be opened to
everybody.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from otklik.core.errors import UnableTo
from otklik.core.refusals import CoreRefusal

ACCOUNT = "otklik-db"
# capabilities(7): bit number, and name as setpriv(1) spells it; the weaker capability first.
_WALK_ANYWHERE = ((2, "dac_read_search"), (1, "dac_override"))


class UnableToRunDatabase(UnableTo):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


class OldServerStillEnds(UnableToRunDatabase):
    """Children of a killed server still hold its shared memory; it can be started once they have ended."""


@dataclass(frozen=True)
class Account:
    """The user and group id that the server's programs run as."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()


def account_for(directory: Path) -> Account:
    """Return the account that runs the server of this data directory: normally the directory's owner.

    For root, if the directory is missing or owned by root: the system account ``otklik-db``, created if missing. Raises
    UnableToRunDatabase if we are not root and somebody else owns the directory, or if the account cannot be created.
    """
    owner = _owner(directory)
    if os.geteuid() != 0:
        if owner is not None and owner.uid != os.geteuid():
            raise UnableToRunDatabase(CoreRefusal.DATABASE_OF_OTHER_USER, directory=directory, owner=_name(owner.uid))
        return Account(os.geteuid(), os.getegid())
    return owner if owner is not None and owner.uid != 0 else _system_account()


def setpriv_command(account: Account, paths: Iterable[Path]) -> list[str]:
    """Return the setpriv(1) prefix for running a command as ``account``; empty if that is the current account.

    Where a directory on the way to ``paths`` is closed to the account, the prefix lends it a capability. Raises
    UnableToRunDatabase if setpriv is missing, or if we have no such capability to lend.
    """
    if account.is_ours:
        return []
    argv = [
        "setpriv",
        f"--reuid={account.uid}",
        f"--regid={account.gid}",
        "--clear-groups",
        "--no-new-privs",
    ]
    if shutil.which("setpriv") is None:
        raise UnableToRunDatabase(CoreRefusal.SETPRIV_MISSING)
    closed = next((path for path in paths if not _may_enter(account, path)), None)
    if closed is None:
        return [*argv, "--inh-caps=-all"]
    right = _lendable_right()
    if right is None:
        raise UnableToRunDatabase(CoreRefusal.HOME_CLOSED, account=_name(account.uid), closed=closed)
    caps = f"-all,+{right}"
    # no_setuid_fixup: access(2), which PostgreSQL uses on its own files, must honour the capability as well.
    return [*argv, f"--inh-caps={caps}", f"--ambient-caps={caps}", "--securebits=+no_setuid_fixup"]


def _owner(directory: Path) -> Account | None:
    try:
        status = directory.stat()
    except FileNotFoundError:
        return None
    return Account(status.st_uid, status.st_gid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _system_account() -> Account:
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        entry = _create_account()
    return Account(entry.pw_uid, entry.pw_gid)


def _create_account() -> pwd.struct_passwd:
    argv = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir=/nonexistent"]
    try:
        subprocess.run(  # noqa: S603
            [*argv, "--shell=/usr/sbin/nologin", ACCOUNT], check=True, capture_output=True, text=True
        )
        return pwd.getpwnam(ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise UnableToRunDatabase(CoreRefusal.ACCOUNT_NOT_CREATED, account=ACCOUNT) from error


def _may_enter(account: Account, path: Path) -> bool:
    return all(_may_search(account, step) for step in path.resolve().parents)


def _may_search(account: Account, directory: Path) -> bool:
    try:
        status = directory.stat()
    except FileNotFoundError:
        return True
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _lendable_right() -> str | None:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    held = int(next(line for line in status.splitlines() if line.startswith("CapPrm:")).split()[1], 16)
    return next((right for bit, right in _WALK_ANYWHERE if held >> bit & 1), None)
