"""Pack and unpack an IMAP account's credentials in their encrypted column."""

import json
from dataclasses import asdict, dataclass

from otklik.core.encryption import seal, unseal
from otklik.mail.models import ImapAccount


@dataclass(frozen=True, slots=True)
class Grant:
    """An OAuth 2 client and its refresh token for a mailbox (RFC 6749 section 6)."""

    token_url: str
    client_id: str
    client_secret: str
    refresh_token: str
    scope: str = ""


def sealed_password(password: str) -> str:
    """Return the column `secret` of an account with auth "password"."""
    return seal(json.dumps({"password": password}))


def sealed_grant(grant: Grant) -> str:
    """Return the column `secret` of an account with auth "xoauth2"."""
    return seal(json.dumps(asdict(grant)))


def password_of(account: ImapAccount) -> str:
    """Return the decrypted password, for logging in only. Raises UnableToUnseal."""
    return str(json.loads(unseal(account.secret))["password"])


def grant_of(account: ImapAccount) -> Grant:
    """Return the decrypted grant, for logging in only. Raises UnableToUnseal."""
    return Grant(**json.loads(unseal(account.secret)))
