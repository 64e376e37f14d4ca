"""Access tokens for XOAUTH2, fetched with a refresh token (RFC 6749 section 6) and cached in memory."""

import dataclasses
import http.client
import json
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from otklik.core.loopback import is_loopback
from otklik.mail.imap.errors import ImapTrouble, LoginRefused, NotSecure
from otklik.mail.imap.secret import Grant, grant_of, sealed_grant
from otklik.mail.models import ImapAccount
from otklik.mail.refusals import MailRefusal

_TIMEOUT_SECONDS = 30.0
_MOST_BYTES = 256 * 1024
# A token is renewed this long before it ends; one of unknown life is used for an hour, as is usual.
_EARLY, _USUAL_LIFE = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Provider:
    """The token endpoint and IMAP server of a mail service."""

    token_url: str
    scope: str
    host: str


PROVIDERS = {
    "google": Provider("https://oauth2.googleapis.com/token", "", "imap.gmail.com"),
    "microsoft": Provider(
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        "outlook.office365.com",
    ),
    "yandex": Provider("https://oauth.yandex.ru/token", "", "imap.yandex.ru"),
    "mail.ru": Provider("https://oauth.mail.ru/token", "", "imap.mail.ru"),
}


class Tokens:
    """The access token of one account. Used by one thread."""

    def __init__(self) -> None:
        self._token, self._good_until = "", 0.0

    def has_one(self) -> bool:
        """Return whether there is a valid token."""
        return bool(self._token) and time.monotonic() < self._good_until

    def forget(self) -> None:
        """Discard the token, which the server rejected."""
        self._token = ""

    def token(self, account: ImapAccount) -> str:
        """Return an access token, refreshed if necessary. A rotated refresh token is saved at once.

        Raises LoginRefused if the service rejects the refresh token, NotSecure, ImapTrouble, UnableToUnseal.
        """
        if not self.has_one():
            grant = grant_of(account)
            answer = _ask(grant)
            self._token = str(answer["access_token"])
            self._good_until = time.monotonic() + _life(answer.get("expires_in")) - _EARLY
            self._keep(account, grant, str(answer.get("refresh_token") or grant.refresh_token))
        return self._token

    def _keep(self, account: ImapAccount, grant: Grant, refresh_token: str) -> None:
        if refresh_token != grant.refresh_token:
            account.secret = sealed_grant(dataclasses.replace(grant, refresh_token=refresh_token))
            if account.pk:
                ImapAccount.objects.filter(pk=account.pk).update(secret=account.secret)


def check_token_url(url: str) -> str:
    """Return the URL if secrets may be sent there: https, or http on loopback. Raises NotSecure."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it checks it
    except ValueError:
        raise NotSecure(MailRefusal.TOKEN_SERVICE_URL, url=url) from None
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise NotSecure(MailRefusal.TOKEN_SERVICE_INSECURE, scheme=parts.scheme, host=parts.hostname)
    return url


def _ask(grant: Grant) -> dict[str, object]:
    """Request a token. Follows no redirects: the refresh token must go to the configured URL only."""
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token,
        "client_id": grant.client_id,
        "client_secret": grant.client_secret,
        "scope": grant.scope,
    }
    status, body = _post(grant.token_url, urlencode({name: value for name, value in fields.items() if value}))
    payload = _parse_json_object(body)
    if status == 200 and payload.get("access_token"):
        return payload
    why = f"{payload.get('error') or status} {payload.get('error_description') or ''}".strip()[:300]
    if status in {400, 401, 403}:
        raise LoginRefused(MailRefusal.TOKEN_SERVICE_REFUSED, why=why)
    raise ImapTrouble(MailRefusal.TOKEN_SERVICE_TROUBLE, why=why)


def _post(url: str, body: str) -> tuple[int, bytes]:
    parts = urlsplit(check_token_url(url))
    link: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        link = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS, context=context)
    else:
        link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        link.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = link.getresponse()
        return answer.status, answer.read(_MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise ImapTrouble(MailRefusal.TOKEN_SERVICE_UNREACHABLE, host=parts.hostname, error=error) from error
    finally:
        link.close()


def _parse_json_object(body: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _life(seconds: object) -> float:
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else _USUAL_LIFE
