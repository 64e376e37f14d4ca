"""Records of erased people, kept outside the database so that restoring a backup does not bring them back
(docs/backup.md).

A line for each, without anything personal: the number of the person and the moment the number was given, which
together name nobody else, however often numbers begin anew after a restore.
"""

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from otklik.journal.models import Event
from otklik.people.events import PersonErased
from otklik.people.models import Person

log = logging.getLogger("otklik.people")


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Identifies an erased person who must be erased again after a restore."""

    person: int
    made_at: datetime

    @property
    def line(self) -> dict[str, Any]:
        """The tombstone as a JSON object for the list of erased people; `read` parses it."""
        return {"person": self.person, "made_at": self.made_at.isoformat()}

    @classmethod
    def read(cls, line: Any) -> Self:
        """Parse the object that `line` gives. Raises ValueError, KeyError or TypeError for anything else."""
        return cls(int(line["person"]), datetime.fromisoformat(line["made_at"]))


def keep_tombstone(person: Person) -> None:
    """Append the person to the list on disk, synced. If it cannot be written, the error is only logged: a backup
    contains its own list."""
    path = Path(settings.ERASED_LIST)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as file:
            file.write(json.dumps(Tombstone(person.pk, person.created_at).line) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        log.exception("the list of erased persons %s cannot be written; person %d is not on it", path, person.pk)


def tombstones_here() -> list[Tombstone]:
    """Return the tombstones of everybody recorded as erased in this database."""
    ids = Event.objects.filter(PersonErased.where()).values("subject_id")
    rows = Person.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "created_at")
    return [Tombstone(pk, made_at) for pk, made_at in rows]


def read_list(path: Path) -> list[Tombstone]:
    """Read the list on disk. Raises OSError, and ValueError for a file of another format."""
    try:
        lines = path.read_text("utf-8").splitlines()
        return [Tombstone.read(json.loads(line)) for line in lines if line.strip()]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is no list of erased persons") from error


def to_erase_again(tombstones: Iterable[Tombstone]) -> list[Person]:
    """Return the people of these tombstones who exist in this database and are not erased."""
    wanted = {}
    for tombstone in tombstones:
        person = Person.objects.filter(pk=tombstone.person, created_at=tombstone.made_at).first()
        if person is not None and not Event.objects.filter(PersonErased.where(), subject_id=person.pk).exists():
            wanted[person.pk] = person
    return list(wanted.values())
