"""Budgets of automatic mail to addresses that nobody confirmed (rule R9, AB-88, AB-90).

Counted over the outbox itself, so that all workers share one count. Exceeding it costs the mail, never the request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet

from otklik.core.due_times import lately
from otklik.mail.domains import box_of, organisational_domain
from otklik.mail.models import OutboundMail
from otklik.people.addresses import canonical
from otklik.people.models import Person
from otklik.people.queries import person_by_address

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRANGER_DAY = 3
"""How many mails one customer may cause to one stranger in 24 hours, on all tickets; on a single ticket it is one."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits on the number of mails per period; the settings define them."""

    address_hour: int
    address_day: int
    domain_hour: int
    site_hour: int
    customer_hour: int
    customer_day: int


def configured() -> Budget:
    """The budget of this site, from OTKLIK_BUDGET_*."""
    return Budget(
        settings.BUDGET_ADDRESS_HOUR,
        settings.BUDGET_ADDRESS_DAY,
        settings.BUDGET_DOMAIN_HOUR,
        settings.BUDGET_SITE_HOUR,
        settings.BUDGET_CUSTOMER_HOUR,
        settings.BUDGET_CUSTOMER_DAY,
    )


class Spent:
    """How many mails were sent recently, by site, domain, mailbox and customer. Each figure is read once and then
    counted up."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._hour = OutboundMail.objects.exclude(budget="").filter(lately("created_at", at, HOUR))
        self._day = OutboundMail.objects.exclude(budget="").filter(lately("created_at", at, DAY))
        self.site: int | None = None
        self.domains: dict[str, int] = {}
        self.hours: dict[str, int] = {}
        self.days: dict[str, int] = {}
        self.customers: dict[int, tuple[int, int]] = {}
        # (customer, mailbox, ticket) of mails planned but not saved yet.
        self.planned: list[tuple[int, str, int]] = []

    def read(self, addresses: Iterable[str]) -> None:
        """Load figures for these addresses that are not loaded yet. Four statements at most."""
        if self.site is None:
            self.site = self._hour.count()
        boxes = {box_of(address) for address in addresses} - set(self.days)
        domains = {organisational_domain(box) for box in boxes} - set(self.domains)
        self.domains |= _counted(self._hour, "budget", domains)
        self.hours |= _counted(self._hour, "box", boxes)
        self.days |= _counted(self._day, "box", boxes)

    def of_customer(self, causer: int) -> tuple[int, int]:
        """How many mails this customer caused: (in the last hour, in the last day). Two queries the first time."""
        if causer not in self.customers:
            hour, day = (mails.filter(caused_by=causer).count() for mails in (self._hour, self._day))
            self.customers[causer] = (hour, day)
        return self.customers[causer]

    def add(self, address: str, causer: int | None = None, ticket_id: int = 0) -> None:
        """Count a mail that is planned but not written yet."""
        self.read([address])
        box = box_of(address)
        self.site = (self.site or 0) + 1
        self.domains[organisational_domain(box)] += 1
        self.hours[box] += 1
        self.days[box] += 1
        if causer is not None:
            hour, day = self.of_customer(causer)
            self.customers[causer] = (hour + 1, day + 1)
        if causer is not None:
            self.planned.append((causer, box, ticket_id))

    def exceeded(self, address: str, causer: int | None = None) -> str:
        """Which budget a further mail to the address would exceed: "customer" (the causer's), "address", "domain",
        "site", or "" for none."""
        budget, box = configured(), box_of(address)
        self.read([address])
        if causer is not None:
            hour, day = self.of_customer(causer)
            if hour >= budget.customer_hour or day >= budget.customer_day:
                return "customer"
        if self.hours[box] >= budget.address_hour or self.days[box] >= budget.address_day:
            return "address"
        if self.domains[organisational_domain(box)] >= budget.domain_hour:
            return "domain"
        return "site" if (self.site or 0) >= budget.site_hour else ""

    def had_enough(self, address: str, *, causer: int, ticket_id: int) -> bool:
        """Return whether customers caused this stranger a mail about this ticket today, or this customer STRANGER_DAY
        mails in all."""
        box, lately_sent = box_of(address), lately("created_at", self._at, DAY)
        today = OutboundMail.objects.filter(lately_sent, caused_by__isnull=False, box=box)
        if today.filter(ticket_id=ticket_id).exists() or any((b, t) == (box, ticket_id) for _c, b, t in self.planned):
            return True
        mine = sum((c, b) == (causer, box) for c, b, _t in self.planned)
        return today.filter(caused_by=causer).count() + mine >= STRANGER_DAY


def mail_will_stay_away(*, address: str, by: Person, at: datetime) -> bool:
    """Return whether a mail that this customer causes to the address would be withheld, so that the page can say so."""
    person = person_by_address(canonical(address))
    return person is not None and not person.is_heard and Spent(at).exceeded(person.email or "", by.pk) != ""


def _counted(mails: QuerySet[OutboundMail], column: str, values: set[str]) -> dict[str, int]:
    """Count the mails by value of the column."""
    if not values:
        return {}
    rows = mails.filter(**{f"{column}__in": values}).values_list(column).annotate(n=Count("id")).order_by()
    return dict.fromkeys(values, 0) | dict(rows)
