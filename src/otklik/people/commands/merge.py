"""Merge two accounts of one person: the one nobody ever logged in to becomes part of the other."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, models, transaction

from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.events import PersonMerged
from otklik.people.models import AccountToken, ApiToken, DataExport, ErasureRequest, LoginSession, Person, PersonSearch

# Credentials are never inherited (AB-36): these rows are deleted with their account.
_LEFT_BEHIND: tuple[type[models.Model], ...] = (
    AccountToken,
    ApiToken,
    DataExport,
    EmailAddress,
    ErasureRequest,
    LoginSession,
    PersonSearch,
)
_LEFT_BEHIND_APPS = {"mfa", "socialaccount", "usersessions"}


def merge_newcomer(*, actor: Actor, at: datetime, person: Person, newcomer: Person) -> None:
    """Repoint every foreign key from `newcomer` to `person` and delete `newcomer`. Call in a transaction.

    Works through Django's model relations, so that it covers packages above without importing them. If both have a row
    where only one may be (two participants of one ticket), the row of `person` stays. `person` gets the newcomer's
    login and directory key if they have none. The caller checks that merging is allowed.
    """
    for table, field in _relations():
        _repoint(table, field, newcomer, person)
    Event.objects.filter(actor_id=newcomer.pk).update(actor_id=person.pk)
    record(PersonMerged(address=newcomer.email, merged=newcomer.pk), about=person.pk, by=actor, at=at)
    newcomer.delete()
    names = Person.objects.filter(pk=person.pk)
    names.filter(login=None).update(login=newcomer.login)
    names.filter(source_key="").update(source_key=newcomer.source_key, address_note=newcomer.address_note)


def _repoint(table: Any, field: str, old: Person, new: Person) -> None:
    rows = table._base_manager.filter(**{field: old})
    try:
        with transaction.atomic():
            rows.update(**{field: new})
    except IntegrityError:
        for instance in rows:
            _repoint_one(table, instance, field, new)


def _repoint_one(table: Any, instance: models.Model, field: str, new: Person) -> None:
    try:
        with transaction.atomic():
            table._base_manager.filter(pk=instance.pk).update(**{field: new})
    except IntegrityError:
        instance.delete()


def _relations() -> list[tuple[Any, str]]:
    """Return every (model, field) that refers to a person, including automatic many-to-many tables."""
    relations = []
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):  # one-to-one is one of them
            continue
        table = relation.related_model
        if table not in _LEFT_BEHIND and table._meta.app_label not in _LEFT_BEHIND_APPS:
            relations.append((table, relation.field.name))
    return relations
