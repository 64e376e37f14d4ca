"""Client authentication of the embedded PostgreSQL (pg_hba.conf): peer connections over the socket only.

The socket lies in a directory that nobody else may enter; this is the second lock (pg_hba.conf, pg_ident.conf).
"""

import os
import pwd
from typing import Final

from otklik.core.embedded_postgres_account import Account

_MAP = "otklik"
_HBA_END = "host    all  all  all  reject\n"
HBA: Final = f"local   all  all  peer map={_MAP}\n{_HBA_END}"
# PostgreSQL asks for the name of the other side's account; in some containers it has none.
HBA_WITHOUT_NAMES: Final = f"local   all  all  trust\n{_HBA_END}"


def have_names(account: Account) -> bool:
    """Return whether both accounts, the server's and ours, have user names; peer authentication needs them."""
    return len(_names(account)) == len({account.uid, os.geteuid()})


def ident(account: Account, roles: tuple[str, ...]) -> str:
    """Return the content of pg_ident.conf: root, the server's account and ours may connect as any of ``roles``."""
    names = sorted({"root", *_names(account)})
    return "".join(f'{_MAP}  "{name}"  {role}\n' for name in names for role in roles)


def _names(account: Account) -> set[str]:
    names = set()
    for uid in {account.uid, os.geteuid()}:
        try:
            names.add(pwd.getpwuid(uid).pw_name)
        except KeyError:
            continue
    return names
