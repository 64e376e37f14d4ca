"""Bulk-insert composed mails into the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from otklik.core.notify_channel import wake
from otklik.mail.deliver import TOPIC
from otklik.mail.models import OutboundFile, OutboundMail
from otklik.people import tokens
from otklik.people.models import AccountToken
from otklik.tickets.models import Attachment
from otklik.ui.mail_layout import own_content_id


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed mail that is not saved yet.

    `files`: attached to it; `in_place`: ids of those that the HTML refers to; `token`: the account token whose link the
    mail carries, saved together with it.
    """

    mail: OutboundMail
    files: Sequence[Attachment] = ()
    in_place: frozenset[int] = frozenset()
    token: AccountToken | None = None


def post(drafts: Sequence[Draft]) -> list[OutboundMail]:
    """Save the mails in order, and wake the delivery on commit; returns the saved ones.

    A mail whose `cause` is in the outbox already is skipped, so that reacting twice to an event sends one mail. Must
    run inside the transaction of the cause.
    """
    causes = [draft.mail.cause for draft in drafts]
    known = set(OutboundMail.objects.filter(cause__in=causes).values_list("cause", flat=True)) if causes else set()
    fresh = list({draft.mail.cause: draft for draft in drafts if draft.mail.cause not in known}.values())
    if not fresh:
        return []
    mails = OutboundMail.objects.bulk_create(draft.mail for draft in fresh)
    files = [
        OutboundFile(
            mail=draft.mail,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            digest=file.digest,
            content_id=own_content_id(file) if file.pk in draft.in_place else "",
        )
        for draft in fresh
        for file in draft.files
    ]
    if files:
        OutboundFile.objects.bulk_create(files)
    tokens.keep([draft.token for draft in fresh if draft.token is not None])
    wake(TOPIC)
    return mails
