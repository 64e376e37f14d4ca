"""What is put on a ticket: words and files, before they are rows."""

from dataclasses import dataclass

from otklik.tickets.models import Message


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to attach; its bytes are in core.blobs already."""

    name: str
    content_type: str
    size: int
    digest: str
    content_id: str = ""
    inline: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote, in the forms we keep. `html`: a mail's own HTML, unsanitised; `quoted`: what was cut;
    `markup`: how the text is read (Message.Markup); `layout`: how the mail showed it (mail.parse.layout), but for
    the pictures in `folded` (their Content-IDs); `cuts`: what a limit left out (mail.parse.cuts)."""

    text: str
    html: str = ""
    quoted: str = ""
    markup: str = Message.Markup.PLAIN
    layout: str = ""
    folded: frozenset[str] = frozenset()
    cuts: tuple[str, ...] = ()


def written(text: str) -> Words:
    """What was typed into a comment box of ours (tickets.typed_text)."""
    return Words(text, markup=Message.Markup.TYPED)
