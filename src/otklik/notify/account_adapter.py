"""How allauth behaves in this house. Its mails go through our outbox, so that a mail server's trouble shows nobody
whether an address is known (AB-31)."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from otklik.notify.account_mails import reset_mail
from otklik.people.links import reset_url
from otklik.people.models import Person

log = logging.getLogger("otklik.notify")
_RESET_PREFIX = "account/email/password_reset_key"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by himself (accounts come from a first mail), and links are built from the public address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the reset mail."""
        return reset_url(key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the reset mail, to the stored address of the person only (AB-16). No other mail of allauth is sent."""
        person = context.get("user")
        if template_prefix != _RESET_PREFIX or not isinstance(person, Person):
            log.warning("allauth wanted to send %s, which is not ours", template_prefix)
            return
        with transaction.atomic():
            reset_mail(person, str(context["password_reset_url"]), timezone.now())

    def add_message(self, *args: Any, **options: Any) -> None:
        """Nothing: the portal's pages say in their own words what happened."""
