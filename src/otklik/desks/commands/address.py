"""Add a further mail address of a desk."""

from datetime import datetime

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.desks.events import DeskAddressAdded
from otklik.desks.models import Channel, Desk
from otklik.desks.refusals import DeskRefusal
from otklik.journal.record import record
from otklik.mail.models import Mailbox
from otklik.people.actor import Actor
from otklik.people.addresses import canonical


class UnableToAddAddress(UnableTo):
    """The address belongs to another desk."""


def add_address(*, actor: Actor, at: datetime, desk: Desk, address: str) -> Mailbox:
    """Make mail to this address open requests of the desk; return its mailbox, created if missing.

    The desk's first address becomes its main one; later ones use the same request type. Raises UnableToAddAddress if it
    belongs to another desk, and BadAddress.
    """
    email = canonical(address)
    with transaction.atomic():
        mailbox, _ = Mailbox.objects.get_or_create(address=email, defaults={"created_at": at})
        channel = Channel.objects.select_related("desk").filter(mailbox=mailbox).first()
        if channel is not None:
            if channel.desk_id != desk.pk:
                raise UnableToAddAddress(DeskRefusal.ADDRESS_TAKEN, email=email, desk=channel.desk.key)
            return mailbox
        first = desk.channels.filter(main=True).select_related("request_type").first()
        Channel.objects.create(
            mailbox=mailbox,
            desk=desk,
            request_type=first.request_type if first else desk.request_types.order_by("position").first(),
            main=first is None,
        )
        record(DeskAddressAdded(address=email), about=desk.pk, by=actor, at=at)
    return mailbox
