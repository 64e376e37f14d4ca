"""A desk's own mail texts, which take precedence over the defaults, and kinds that it does not send."""

from collections.abc import Mapping

from otklik.core.batch_cache import remembered
from otklik.desks.models import Desk, MailText
from otklik.notify.texts.mail_kinds import MailKind, Text, default_text

OwnTexts = Mapping[tuple[str, str], Text]


@remembered
def own_texts(desk: Desk) -> OwnTexts:
    """Return the desk's own texts by (kind, language). One query."""
    rows = MailText.objects.filter(desk=desk).values_list("kind", "language", "subject", "body")
    return {(kind, language): Text(subject, body) for kind, language, subject, body in rows if subject or body}


def text_of(kind: MailKind, language: str, own: OwnTexts) -> Text:
    """Return the text to use: the desk's own if it has one, separately for subject and body."""
    default, mine = default_text(kind.name, language), own.get((kind.name, language))
    return Text(mine.subject or default.subject, mine.body or default.body) if mine else default


def is_sent(desk: Desk, kind: MailKind) -> bool:
    """Return whether the desk sends this kind of mail."""
    return not kind.optional or bool(desk.mail_switches.get(kind.name, not kind.off))
