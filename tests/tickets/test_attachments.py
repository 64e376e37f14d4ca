"""Files have an author and a time of their own."""

from datetime import timedelta

from otklik.core import blobs
from otklik.people.actor import Actor, system
from otklik.privacy.erase import erase_person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Attachment
from tests.cast import START, Cast

LATER = START + timedelta(hours=1)


def attached(cast: Cast) -> Attachment:
    digest, size = blobs.put(b"words")
    file = NewFile(name="a.txt", content_type="text/plain", size=size, digest=digest)
    comment(actor=Actor(cast.anna, "portal"), at=LATER, ticket=cast.ticket, words=Words("x"), files=[file])
    return Attachment.objects.get()


def test_a_file_is_its_writers_and_of_that_moment(cast: Cast, home: object) -> None:
    file = attached(cast)
    assert (file.author, file.created_at) == (cast.anna, LATER)


def test_a_file_that_somebody_brought_beside_a_message_goes_with_them(cast: Cast, home: object) -> None:
    file = attached(cast)
    Attachment.objects.filter(pk=file.pk).update(message=cast.ticket.messages.get(author=cast.agent, kind="public"))
    erase_person(actor=system("cli"), at=LATER, person=cast.anna, now=True)
    assert not Attachment.objects.exists()
