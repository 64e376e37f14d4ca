"""What is put on a ticket: words and files, before they are rows."""

from dataclasses import dataclass, replace

from otklik.mail.secret_scan import blanked
from otklik.tickets.models import Message


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to attach; its bytes are in core.blobs already. `searched`: by which rules links with power were looked
    for in it (tickets.new_files), None: not yet."""

    name: str
    content_type: str
    size: int
    digest: str
    content_id: str = ""
    inline: bool = False
    folded: bool = False
    searched: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote, in the forms we keep. `html`: a mail's own HTML, unsanitised; `quoted`: what was cut;
    `markup`: how the text is read (Message.Markup); `layout`: how the mail showed it (mail.parse.layout), but for
    the pictures in `folded` (their Content-IDs); `cuts`: what a limit left out (mail.parse.truncations); `harmless`:
    links with power were taken out already."""

    text: str
    html: str = ""
    quoted: str = ""
    markup: str = Message.Markup.PLAIN
    layout: str = ""
    folded: frozenset[str] = frozenset()
    cuts: tuple[str, ...] = ()
    harmless: bool = False


def harmless(words: Words) -> Words:
    """The words without links with power, whoever wrote or quoted them (mail.secret_scan).

    That may take seconds. Commands call it before they lock anything, so that nobody waits for what somebody else sent.
    """
    if words.harmless:
        return words
    return replace(
        words,
        text=blanked(words.text),
        html=blanked(words.html),
        quoted=blanked(words.quoted),
        layout=blanked(words.layout),
        harmless=True,
    )


def written(text: str) -> Words:
    """What was typed into a comment box of ours (ui.typed_text)."""
    return Words(text, markup=Message.Markup.TYPED)
