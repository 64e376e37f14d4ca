"""Planned mails become rows of the outbox, many by few statements."""

from collections.abc import Sequence
from dataclasses import dataclass

from otklik.core.notify_channel import wake
from otklik.mail.deliver import TOPIC
from otklik.mail.models import OutboundFile, OutboundMail
from otklik.people import tokens
from otklik.people.models import AccountToken
from otklik.tickets.models import Attachment
from otklik.ui.laid_out import own_content_id


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail as it is to be written, its files, which of them stand in its words (by id), and the secret whose link it
    carries."""

    mail: OutboundMail
    files: Sequence[Attachment] = ()
    in_place: frozenset[int] = frozenset()
    token: AccountToken | None = None


def post(drafts: Sequence[Draft]) -> list[OutboundMail]:
    """Write the mails, in order, but none whose cause was written before; wake the delivery when the transaction
    commits. Must run inside that of the cause."""
    causes = [draft.mail.cause for draft in drafts]
    before = set(OutboundMail.objects.filter(cause__in=causes).values_list("cause", flat=True)) if causes else set()
    fresh = list({draft.mail.cause: draft for draft in drafts if draft.mail.cause not in before}.values())
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
