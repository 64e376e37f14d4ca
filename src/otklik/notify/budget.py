"""How much automatic mail goes to addresses that nobody proved (rule R9, AB-88, AB-90).

Counted over the outbox itself, so that all workers share one count. Exceeding it costs the mail, never the request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet

from otklik.core.memo import remembered
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


class Spent:
    """What went out lately: by site, domain and address; each read once, then counted on."""

    def __init__(self, at: datetime) -> None:
        self._hour = OutboundMail.objects.exclude(budget="").filter(created_at__gt=at - timedelta(hours=1))
        self._day = OutboundMail.objects.exclude(budget="").filter(created_at__gt=at - timedelta(days=1))
        self.site: int | None = None
        self.domains: dict[str, int] = {}
        self.hours: dict[str, int] = {}
        self.days: dict[str, int] = {}

    def read(self, addresses: Iterable[str]) -> None:
        """Read what is not known yet about these addresses, by four statements at most."""
        if self.site is None:
            self.site = self._hour.count()
        new = set(addresses) - set(self.days)
        domains = {organisational_domain(address) for address in new} - set(self.domains)
        self.domains |= _counted(self._hour, "budget", domains)
        self.hours |= _counted(self._hour, "recipient", new)
        self.days |= _counted(self._day, "recipient", new)

    def add(self, address: str) -> None:
        """One mail more is on its way."""
        self.read([address])
        self.site = (self.site or 0) + 1
        self.domains[organisational_domain(address)] += 1
        self.hours[address] += 1
        self.days[address] += 1


def exceeded(address: str, at: datetime) -> str:
    """Which budget a further mail to the address would exceed: "address", "domain", "site", or "" for none."""
    budget, now = configured(), spent(at)
    now.read([address])
    if now.hours[address] >= budget.address_hour or now.days[address] >= budget.address_day:
        return "address"
    if now.domains[organisational_domain(address)] >= budget.domain_hour:
        return "domain"
    return "site" if (now.site or 0) >= budget.site_hour else ""


def spend(address: str, at: datetime) -> None:
    """Within a batch: count a mail that is planned and not written yet."""
    spent(at).add(address)


@remembered
def spent(at: datetime) -> Spent:
    """What is spent at this moment."""
    return Spent(at)


def _counted(mails: QuerySet[OutboundMail], column: str, values: set[str]) -> dict[str, int]:
    """How many of the mails have each of the values in the column."""
    if not values:
        return {}
    rows = mails.filter(**{f"{column}__in": values}).values_list(column).annotate(n=Count("id")).order_by()
    return dict.fromkeys(values, 0) | dict(rows)
