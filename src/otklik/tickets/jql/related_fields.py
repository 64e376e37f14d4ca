"""Fields of the filter language that are rows beside the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from otklik.people.models import Person
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import (
    CONTAINING,
    EQUALITY,
    LOOKUPS,
    ORDERING,
    Field,
    Given,
    number_of,
    words_of,
)  # fmt: skip
from otklik.tickets.jql.function_calls import argument, arguments_wrong, misplaced
from otklik.tickets.jql.people import current_user, organization_ids, people_named, people_of
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.text_query import as_words, pieces_of
from otklik.tickets.jql.ticket_functions import linked_with, updated_by
from otklik.tickets.jql.tree import Call, Literal, Operator
from otklik.tickets.jql.viewed import recently_viewed
from otklik.tickets.jql.words_in import Places, is_said, words_in
from otklik.tickets.keys import with_keys
from otklik.tickets.models import (
    Approval,
    Attachment,
    Participant,
    Rating,
    SharedOrganization,
    Vote,
)


@dataclass(frozen=True, kw_only=True)
class TextField(Field):
    """Text of the subject, the opening message, the other messages, or any of them; all words in one of them (ADR
    116)."""

    subject: bool = False
    opening: bool = False
    comments: bool = False
    operators: ClassVar[tuple[Operator, ...]] = CONTAINING

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        value = values[0]
        text = words_of(self.name, value)
        words = as_words(pieces_of(text, value.at))
        if words is None:
            raise BadJql(JqlRefusal.TEXT_EMPTY, at=value.at, word=text[:40])
        return words_in(self._places, words, asker)

    def has_value(self, asker: Asker) -> Q:
        if self.subject or self.opening:
            return Q()
        return is_said(self._places, asker)

    @property
    def _places(self) -> Places:
        return Places(self.subject, self.opening, self.comments)


@dataclass(frozen=True, kw_only=True)
class ParticipantsField(Field):
    """Participants other than the requester."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        return taken_part_in(people_of(self.name, values, asker))

    def has_value(self, asker: Asker) -> Q:
        return Q(Exists(self._others()))

    def _others(self) -> QuerySet[Participant]:
        others = Participant.objects.filter(ticket=OuterRef("pk"), removed_at=None)
        # Without a requester every participant counts; in SQL nothing is unequal to NULL.
        return others.exclude(person_id=Coalesce(OuterRef("requester"), 0))


def taken_part_in(people: Sequence[int] | QuerySet[Person, int]) -> Q:
    """Tickets of others in which one of these people takes part."""
    # A subquery by its own index: a person takes part in few tickets.
    theirs = Participant.objects.filter(removed_at=None, person__in=people)
    others = theirs.exclude(person_id=Coalesce(F("ticket__requester"), 0))
    return Q(pk__in=others.order_by().values("ticket"))


@dataclass(frozen=True, kw_only=True)
class OrganizationsField(Field):
    """Organizations that the request is shared with."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        ids: list[int] = []
        for value in values:
            ids += organization_ids(self.name, value, asker)
        shared = SharedOrganization.objects.filter(ticket=OuterRef("pk"), organization__in=ids)
        return Q(Exists(shared))

    def has_value(self, asker: Asker) -> Q:
        return Q(Exists(SharedOrganization.objects.filter(ticket=OuterRef("pk"))))


@dataclass(frozen=True, kw_only=True)
class KeyField(Field):
    """Tickets by key, including former keys, or by functions."""

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        literals = [value for value in values if isinstance(value, Literal)]
        ids = self._with_keys(literals, asker)
        meant = Q(pk__in=ids)
        for value in values:
            if isinstance(value, Call):
                meant |= self._called(value, asker)
        return meant

    def _with_keys(self, values: Sequence[Literal], asker: Asker) -> set[int]:
        ids = set()
        for value in values:
            tickets = with_keys(asker.tickets, [value.text])
            if not tickets:
                raise BadJql(JqlRefusal.VALUE_UNKNOWN, at=value.at, word=value.text, field=self.name)
            ids |= {ticket.pk for ticket in tickets}
        return ids

    def _called(self, call: Call, asker: Asker) -> Q:
        match call.name.lower():
            case "linkedissues":
                first, *kind = call.arguments or (argument(call, "linkedIssues(ACCREDO-4)"),)
                if len(kind) > 1:
                    raise arguments_wrong(call, 'linkedIssues(ACCREDO-4, "blocks")')
                this = self._with_keys([first], asker) if asker.is_staff else set()
                return Q(pk__in=linked_with(this, asker, *kind))
            case "issuehistory":
                return recently_viewed(call, asker)
            case "updatedby":
                return asker.seen_by_staff(Q(pk__in=updated_by(call, asker)))
            case "watchedissues":
                if call.arguments:
                    raise arguments_wrong(call, "watchedIssues()")
                return taken_part_in([current_user(call, asker).pk])
        raise misplaced(self.name, call)


@dataclass(frozen=True, kw_only=True)
class AttachmentsField(Field):
    """Whether the ticket has files. Their names cannot be queried."""

    operators: ClassVar[tuple[Operator, ...]] = (Operator.IS, Operator.IS_NOT)

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        raise BadJql(
            JqlRefusal.OPERATOR_NOT_HERE, at=values[0].at, field=self.name, operator=operator.value, others="is EMPTY"
        )

    def has_value(self, asker: Asker) -> Q:
        files = Attachment.objects.filter(message__ticket=OuterRef("pk"), message__in=asker.messages.values("pk"))
        return Q(Exists(files))


@dataclass(frozen=True, kw_only=True)
class RatingField(Field):
    """The requester's rating, 1 to 5."""

    operators: ClassVar[tuple[Operator, ...]] = EQUALITY + ORDERING

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        numbers = [number_of(self.name, value) for value in values]
        if operator in LOOKUPS:
            return Q(pk__in=Rating.objects.filter(**{f"score__{LOOKUPS[operator]}": numbers[0]}).values("ticket"))
        return Q(pk__in=Rating.objects.filter(score__in=[n for n in numbers if n.is_integer()]).values("ticket"))

    def has_value(self, asker: Asker) -> Q:
        return Q(Exists(Rating.objects.filter(ticket=OuterRef("pk"))))


@dataclass(frozen=True, kw_only=True)
class ApprovalsField(Field):
    """The state of approvals, by functions only. Customers see those that they are asked for."""

    operators: ClassVar[tuple[Operator, ...]] = (Operator.IS, Operator.IS_NOT)

    def holds(self, operator: Operator, values: Sequence[Given], asker: Asker) -> Q:
        call = values[0]
        if isinstance(call, Literal):
            raise BadJql(
                JqlRefusal.OPERATOR_NOT_HERE, at=call.at, field=self.name, operator=call.text, others="= pending()"
            )
        match call.name.lower():
            case "pending":
                return asker.seen_by_staff(Q(Exists(_questions().filter(state=Approval.State.PENDING))))
            case "approved":
                return asker.seen_by_staff(Q(Exists(_questions().filter(state=Approval.State.APPROVED))))
            case "mypending" | "mypendingapproval":
                return Q(Exists(_waiting().filter(person=current_user(call, asker))))
            case "myapproval":
                return Q(Exists(_asked().filter(person=current_user(call, asker))))
            case "pendingby" | "pendingapprovalby":
                return asker.seen_by_staff(Q(Exists(_waiting().filter(person__in=self._people(call, asker)))))
            case "approver":
                return asker.seen_by_staff(Q(Exists(_asked().filter(person__in=self._people(call, asker)))))
        raise misplaced(self.name, call)

    def _people(self, call: Call, asker: Asker) -> Sequence[int]:
        return people_named(argument(call, f'{call.name}("anna@example.org")'), asker)

    def has_value(self, asker: Asker) -> Q:
        known = asker.seen_by_staff(Q(Exists(_questions())))
        return known | Q(Exists(_asked().filter(person=asker.person))) if asker.person else known


def _questions() -> QuerySet[Approval]:
    return Approval.objects.filter(ticket=OuterRef("pk")).exclude(state=Approval.State.WITHDRAWN)


def _asked() -> QuerySet[Vote]:
    return Vote.objects.filter(approval__ticket=OuterRef("pk")).exclude(approval__state=Approval.State.WITHDRAWN)


def _waiting() -> QuerySet[Vote]:
    return _asked().filter(approval__state=Approval.State.PENDING, answer="")
