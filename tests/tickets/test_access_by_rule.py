"""Access, restated as a plain rule over generated data: the queries must agree with it."""

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from otklik.people.models import Organization, OrganizationMember, Person
from otklik.tickets.access import (
    attachment_for,
    customer_messages,
    customer_tickets,
    involved_tickets,
    is_agent_of,
    is_visible,
    may_write,
    organization_tickets,
    read_by,
    readable_messages,
    sees_all,
    ticket_for_agent,
    ticket_for_customer,
    visible_tickets,
    worked_tickets,
)
from otklik.tickets.models import Approval, Attachment, Message, Participant, SharedOrganization, Ticket, Vote
from tests.cast import START, Cast
from tests.tickets.test_links import other

HOUR = timedelta(hours=1)


@dataclass
class World:
    """Rows in memory, so that the rule needs no query."""

    people: list[Person]
    desks: dict[int, set[int]]
    tickets: list[Ticket] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    on: list[Participant] = field(default_factory=list)
    members: list[OrganizationMember] = field(default_factory=list)
    shared: list[SharedOrganization] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)


def made(cast: Cast, dice: random.Random) -> World:
    """Create four customers, one of them deactivated, two agents and an admin with tickets of two desks."""
    agents = [cast.agent, cast.agent_elsewhere, cast.admin]
    off = cast.stranger
    Person.objects.filter(pk=off.pk).update(is_active=False)
    off.refresh_from_db()
    customers = [cast.anna, cast.boris, cast.lead, off]
    desks = {cast.desk.pk: {cast.agent.pk, cast.lead.pk}, cast.other_desk.pk: {cast.agent_elsewhere.pk}}
    world = World([*customers, *agents], desks)
    Participant.objects.all().delete()
    organizations = [
        Organization.objects.create(name=f"О{number}", domains=[], open_inside=number == 0) for number in range(3)
    ]
    for organization in organizations:
        for person in dice.sample(world.people, 4):
            joined = dice.choice([None, START, START + 2 * HOUR])
            world.members.append(
                OrganizationMember.objects.create(
                    organization=organization, person=person, sees_all=dice.random() < 0.3, joined_at=joined
                )
            )
    for _ in range(7):
        _add_ticket(world, cast, dice, organizations)
    return world


def _add_ticket(world: World, cast: Cast, dice: random.Random, organizations: list[Organization]) -> None:
    ticket = other(cast, dice.choice(["desk", "other_desk"]))
    Participant.objects.filter(ticket=ticket).delete()
    ticket.requester, ticket.created_at = dice.choice(world.people), START + dice.choice([-1, 1, 3]) * HOUR
    Ticket.objects.filter(pk=ticket.pk).update(requester=ticket.requester, created_at=ticket.created_at)
    world.tickets.append(ticket)
    for person in dice.sample(world.people, 2):
        removed = dice.choice([None, None, START])
        world.on.append(
            Participant.objects.create(
                ticket=ticket, person=person, added_at=START, sees_from=dice.choice([None, START + HOUR]),
                removed_at=removed, epoch=2 if removed else 1,
            )
        )  # fmt: skip
    if dice.random() < 0.3:
        organization = dice.choice(organizations)
        world.shared.append(SharedOrganization.objects.create(ticket=ticket, organization=organization, added_at=START))
    if dice.random() < 0.6:
        state = dice.choice(Approval.State.values)
        settled = None if state == Approval.State.PENDING else START
        approval = Approval.objects.create(ticket=ticket, rule="one", state=state, asked_at=START, settled_at=settled)
        world.votes.append(Vote.objects.create(approval=approval, person=dice.choice(world.people)))
    for number in range(4):
        _add_message(world, ticket, dice, START + number * HOUR / 2)
    opening = Message.objects.get(ticket=ticket, opening=True)
    world.messages.append(opening)


def _add_message(world: World, ticket: Ticket, dice: random.Random, at: object) -> None:
    kind = dice.choice([Message.Kind.PUBLIC, Message.Kind.PUBLIC, Message.Kind.INTERNAL])
    withdrawn = dice.choice([None, None, START + 9 * HOUR])
    message = Message.objects.create(
        ticket=ticket,
        author=dice.choice(world.people),
        created_at=at,
        kind=kind,
        text="" if withdrawn else "x",
        withdrawn_at=withdrawn,
        held=kind == Message.Kind.PUBLIC and dice.random() < 0.2,
    )
    world.messages.append(message)
    world.files.append(Attachment.objects.create(message=message, name="x.txt", size=1))


def is_involved(world: World, who: Person, ticket: Ticket) -> bool:
    return any(link.person == who and link.ticket == ticket and link.removed_at is None for link in world.on)


def is_asked(world: World, who: Person, ticket: Ticket) -> bool:
    return any(
        vote.person == who and vote.approval.ticket == ticket and vote.approval.state != Approval.State.WITHDRAWN
        for vote in world.votes
    )


def opens(world: World, who: Person, organization: Organization) -> bool:
    """Return whether the person sees the requests of the organization's members."""
    mine = [one for one in world.members if one.person == who and one.organization == organization]
    return any(one.sees_all or organization.open_inside for one in mine)


def made_inside(world: World, who: Person, ticket: Ticket, organization: Organization) -> bool:
    return opens(world, who, organization) and any(
        one.person == ticket.requester
        and one.organization == organization
        and (one.joined_at is None or one.joined_at <= ticket.created_at)
        for one in world.members
    )


def is_shared(world: World, who: Person, ticket: Ticket, organization: Organization) -> bool:
    mine = any(one.person == who and one.organization == organization for one in world.members)
    return mine and any(one.ticket == ticket and one.organization == organization for one in world.shared)


def organizations_of(world: World) -> list[Organization]:
    return list({one.organization.pk: one.organization for one in world.members}.values())


def by_organization(world: World, who: Person, ticket: Ticket) -> bool:
    return any(
        is_shared(world, who, ticket, one) or made_inside(world, who, ticket, one) for one in organizations_of(world)
    )


def works_on(world: World, who: Person, ticket: Ticket) -> bool:
    return who.is_active and (who.is_admin or who.pk in world.desks[ticket.desk_id])


def is_customer(world: World, who: Person, ticket: Ticket) -> bool:
    seen = is_involved(world, who, ticket) or by_organization(world, who, ticket) or is_asked(world, who, ticket)
    return who.is_active and seen


def reads(world: World, who: Person, message: Message) -> bool:
    """Return whether a customer of the ticket may read this message."""
    if message.kind == Message.Kind.INTERNAL or message.held:
        return False
    ticket = next(one for one in world.tickets if one.pk == message.ticket_id)
    since = next((link.sees_from for link in world.on if link.person == who and link.ticket == ticket), None)
    whole = since is None or by_organization(world, who, ticket) or is_asked(world, who, ticket)
    return whole or message.author == who or message.created_at >= since


@pytest.mark.parametrize("seed", range(2))
def test_ab_44_the_queries_say_what_the_rule_says(cast: Cast, seed: int) -> None:
    world = made(cast, random.Random(seed))
    ours = {ticket.pk for ticket in world.tickets}
    for who in world.people:
        customer = {ticket.pk for ticket in world.tickets if is_customer(world, who, ticket)}
        worked = {ticket.pk for ticket in world.tickets if works_on(world, who, ticket)}
        involved = {ticket.pk for ticket in world.tickets if who.is_active and is_involved(world, who, ticket)}
        for query, expected in (
            (customer_tickets, customer), (visible_tickets, customer | worked), (worked_tickets, worked),
            (involved_tickets, involved),
        ):  # fmt: skip
            assert set(query(who).values_list("pk", flat=True)) & ours == expected, (who, query)
        for ticket in world.tickets:
            is_seen = ticket.pk in customer | worked
            assert is_visible(who, ticket.pk) is is_seen, (who, ticket)
            assert (ticket_for_customer(who, ticket.key) == ticket) is is_seen
            assert (ticket_for_agent(who, ticket.key) == ticket) is is_agent_of(who, ticket) is (ticket.pk in worked)
            writes = ticket.pk in involved | worked or (who.is_active and by_organization(world, who, ticket))
            assert may_write(who, ticket) is writes, (who, ticket)
            whole = by_organization(world, who, ticket) or is_asked(world, who, ticket)
            assert sees_all(who, ticket) is whole, (who, ticket)


@pytest.mark.parametrize("seed", range(2))
def test_ab_48_the_words_that_one_reads_are_those_of_the_rule(cast: Cast, seed: int) -> None:
    world = made(cast, random.Random(seed))
    for who in world.people:
        for ticket in world.tickets:
            here = [message for message in world.messages if message.ticket_id == ticket.pk]
            staff = {message.pk for message in here} if works_on(world, who, ticket) else set()
            assert set(readable_messages(who, ticket, as_agent=True).values_list("pk", flat=True)) == staff
            if is_customer(world, who, ticket):
                expected = {message.pk for message in here if reads(world, who, message)}
                for query in (readable_messages(who, ticket, as_agent=False), customer_messages(who), read_by(who)):
                    assert set(query.filter(ticket=ticket).values_list("pk", flat=True)) == expected, (who, ticket)
        for file in world.files:
            ticket = next(one for one in world.tickets if one.pk == file.message.ticket_id)
            as_customer = is_customer(world, who, ticket) and reads(world, who, file.message)
            gets = works_on(world, who, ticket) or (as_customer and file.message.withdrawn_at is None)
            assert (attachment_for(who, file.pk) == file) is gets, (who, file)


@pytest.mark.parametrize("seed", range(2))
def test_ab_55_an_organisations_list_holds_what_its_rule_says(cast: Cast, seed: int) -> None:
    world = made(cast, random.Random(seed))
    for who in world.people:
        for organization in organizations_of(world):
            belongs = any(one.person == who and one.organization == organization for one in world.members)
            asks = {one.person_id for one in world.members if one.organization == organization}
            expected = {
                ticket.pk
                for ticket in world.tickets
                if who.is_active
                and (
                    is_shared(world, who, ticket, organization)
                    or made_inside(world, who, ticket, organization)
                    or (belongs and is_involved(world, who, ticket) and ticket.requester_id in asks)
                )
            }
            listed = organization_tickets(who, organization.pk).values_list("pk", flat=True)
            assert set(listed) & {ticket.pk for ticket in world.tickets} == expected, (who, organization)
