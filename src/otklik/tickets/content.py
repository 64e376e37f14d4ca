"""The content of a message before it is saved: text and files."""

from dataclasses import dataclass, replace

from otklik.mail.secret_scan import blanked
from otklik.tickets.models import Message


@dataclass(frozen=True, slots=True)
class Recipients:
    """How the mails of one reply differ from those that the ticket's participants get.

    `left_out`: ids of people who get none; `added`: canonical addresses of people who join the ticket with it.
    """

    left_out: tuple[int, ...] = ()
    added: tuple[str, ...] = ()


AS_USUAL = Recipients()


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to attach, whose bytes are in core.blobs already.

    `searched`: the version of the rules by which it was searched for secret links (tickets.new_files), None if not yet.
    """

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
    """The text of a message, in the forms that are stored.

    `html`: a mail's own HTML, unsanitised. `quoted`: the quotation that was cut off. `markup`: how `text` is to be read
    (Message.Markup). `layout`: how the mail laid it out (mail.parse.layout), without the pictures in `folded`, which
    are Content-IDs. `cuts`: what exceeded a limit (mail.parse.truncations). `harmless`: secret links were removed
    already.
    """

    text: str
    html: str = ""
    quoted: str = ""
    markup: str = Message.Markup.PLAIN
    layout: str = ""
    folded: frozenset[str] = frozenset()
    cuts: tuple[str, ...] = ()
    harmless: bool = False


def harmless(words: Words) -> Words:
    """The words without secret links, such as those of activation mails that somebody quoted (mail.secret_scan).

    May take seconds, so call it before locking anything.
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
    """Words for text that was typed into a comment box (ui.typed_text)."""
    return Words(text, markup=Message.Markup.TYPED)
