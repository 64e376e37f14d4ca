"""Attachments have their own author and time."""

import hashlib
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from otklik.core import blobs
from otklik.people.actor import Actor, system
from otklik.privacy.erase import erase_person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Attachment
from otklik.tickets.uploads import kept_files
from tests.cast import START, Cast
from tests.refusing import refused_as

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


def test_a_file_of_exactly_the_limit_is_kept_and_one_byte_more_keeps_none(home: object, settings: Settings) -> None:
    settings.ATTACHMENT_SIZE_LIMIT = 3
    assert [file.size for file in kept_files([SimpleUploadedFile("a.txt", b"123")])] == [3]
    with refused_as("ticket.file_too_large"):
        kept_files([SimpleUploadedFile("b.txt", b"new"), SimpleUploadedFile("a.txt", b"1234")])
    assert not blobs.path_of(hashlib.sha256(b"new").hexdigest()).exists()
