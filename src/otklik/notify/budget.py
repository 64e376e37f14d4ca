"""How much automatic mail goes to addresses that nobody proved (rule R9, AB-88, AB-90).

Counted over the outbox itself, so that all workers share one count. Exceeding it costs the mail, never the request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from otklik.mail.domains import organisational_domain
from otklik.mail.models import OutboundMail


@dataclass(frozen=True, slots=True)
class Budget:
    """Most mails in a time; the settings say how many."""

    address_hour: int
    address_day: int
    domain_hour: int
    site_hour: int


def configured() -> Budget:
    """The budget of this site, from OTKLIK_BUDGET_*."""
    return Budget(
        settings.BUDGET_ADDRESS_HOUR,
        settings.BUDGET_ADDRESS_DAY,
        settings.BUDGET_DOMAIN_HOUR,
        settings.BUDGET_SITE_HOUR,
    )


def exceeded(address: str, at: datetime) -> str:
    """Which budget a further mail to the address would exceed: "address", "domain", "site", or "" for none."""
    budget, domain = configured(), organisational_domain(address)
    counted = OutboundMail.objects.exclude(budget="")
    hour = counted.filter(created_at__gt=at - timedelta(hours=1)).aggregate(
        site=Count("id"), domain=Count("id", filter=Q(budget=domain)), address=Count("id", filter=Q(recipient=address))
    )
    day = counted.filter(recipient=address, created_at__gt=at - timedelta(days=1)).count()
    if hour["address"] >= budget.address_hour or day >= budget.address_day:
        return "address"
    if hour["domain"] >= budget.domain_hour:
        return "domain"
    return "site" if hour["site"] >= budget.site_hour else ""
