"""Every foreign key to a person declares what erasure and export do with it."""

import json
import zipfile
from pathlib import Path

from django.db import models
from django.utils import timezone

from otklik.core import blobs
from otklik.privacy.archive import personal_archive
from otklik.privacy.relations import PERSONAL, relations_to_people
from tests.cast import Cast


def test_every_relation_to_a_person_is_declared() -> None:
    assert {name for name, _table, _column in relations_to_people()} == set(PERSONAL)


def test_rows_that_stay_do_not_cascade_and_rows_that_go_do() -> None:
    """Otherwise a row to be kept would silently be deleted with the person."""
    for name, table, column in relations_to_people():
        rule = table._meta.get_field(column).remote_field.on_delete
        assert PERSONAL[name].deleted == (rule is models.CASCADE) or name == "people.ErasureRequest.person", name


def test_what_is_declared_as_given_out_has_its_place_in_the_archive(cast: Cast, home: Path) -> None:
    digest, _size = personal_archive(cast.anna, timezone.now())
    with zipfile.ZipFile(blobs.path_of(digest)) as archive:
        data = json.loads(archive.read("data.json"))
    assert {fate.exported for fate in PERSONAL.values() if fate.exported} <= data.keys()
