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

# Powers and proofs are never inherited (AB-36): these rows go with the account they belonged to.
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
    """Everything that points to `newcomer` points to `person`; `newcomer` is gone. Belongs into a transaction.

    Works through the models' own relations, so that it knows of tables on any floor above without importing them.
    Where both are in one place already (two participants of one ticket), `person`'s row stays. By the login and the key
    of a directory that the newcomer had `person` is known, who has none. The caller has made sure that it may be done.
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
    """Every (model, field) that points to a person, the hidden tables of many-to-many fields too."""
    relations = []
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):  # one-to-one is one of them
            continue
        table = relation.related_model
        if table not in _LEFT_BEHIND and table._meta.app_label not in _LEFT_BEHIND_APPS:
            relations.append((table, relation.field.name))
    return relations
