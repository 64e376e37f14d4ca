"""Values of the card's page in both branches of each condition, without templates."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from otklik.desks.models import Field, Status, Transition
from otklik.mail.parse import layout
from otklik.people.actor import Actor, system
from otklik.people.commands.organizations import add_organization, set_member
from otklik.people.models import Organization, Person
from otklik.portal.pages.activity import MessageEntry, StatusEntry
from otklik.portal.pages.approvals import Approver, approval_blocks, awaited_names, link_page, verdict_of
from otklik.portal.pages.create import create_page, request_form
from otklik.portal.pages.login_wall import login_wall
from otklik.portal.pages.rating import rating_block
from otklik.portal.pages.request_detail import Card, card_page
from otklik.tickets.access import ticket_for_customer
from otklik.tickets.commands.approve import answer_approval, ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import withdraw_message
from otklik.tickets.commands.fields import add_participant, remove_participant
from otklik.tickets.commands.rate import rate
from otklik.tickets.commands.share import share_with_organization
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.drafts import Begun
from otklik.tickets.models import Message, Participant, Ticket, Vote
from tests.cast import START, Cast, person

LATER = START + timedelta(hours=1)


def page_for(reader: Person, cast: Cast, at: datetime = LATER) -> Card:
    """Return the card as its view builds it for this reader."""
    ticket = ticket_for_customer(reader, cast.ticket.key)
    assert ticket is not None
    return card_page(reader, ticket, at, Begun(reader, ticket))


def messages(card: Card) -> list[MessageEntry]:
    return [entry for entry in card.entries if isinstance(entry, MessageEntry)]


def statuses(card: Card) -> list[str]:
    return [entry.status for entry in card.entries if isinstance(entry, StatusEntry)]


def step(cast: Cast, name: str, at: datetime = LATER) -> Ticket:
    """Let the agent make the transition of this name."""
    transition = Transition.objects.get(desk=cast.desk, name=name)
    return change_status(actor=Actor(cast.agent, "agent"), at=at, ticket=cast.ticket, transition=transition)


def late_comer(cast: Cast, at: datetime = LATER) -> Person:
    """Return a participant who joined at this time and reads only later messages."""
    vera = person("Вера Поздняя", "vera@clinic.test")
    add_participant(actor=Actor(cast.agent, "agent"), at=at, ticket=cast.ticket, person=vera)
    return vera


def _answered_form(cast: Cast, label: str, answer: str) -> None:
    """Add a field to the form and the requester's answer to it."""
    kind, key = cast.desk.request_types.order_by("position")[0], "customfield_8000001"
    Field.objects.create(request_type=kind, key=key, kind=Field.Kind.TEXT, label=label, position=70)
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={key: answer})


@pytest.fixture
def hospital(cast: Cast) -> Organization:
    """Return Anna's organization, which has a colleague as a second member."""
    made = add_organization(actor=system(), at=START, name="Больница № 1")
    for who in (cast.anna, cast.stranger):
        set_member(actor=system(), at=START, organization=made, person=who, sees_all=False)
    return made


# --- who reads what -------------------------------------------------------------------------------------------------


def test_ab_01_who_joined_late_sees_neither_the_beginning_nor_its_answers(cast: Cast) -> None:
    _answered_form(cast, "Кабинет", "412")
    vera = late_comer(cast)
    card = page_for(vera, cast)
    assert (card.opening, card.excerpt, card.answers) == (None, "", [])
    assert messages(card) == []
    whole = page_for(cast.boris, cast)
    assert whole.opening is not None and whole.excerpt.startswith("Здравствуйте!")
    assert [(line.label, line.words) for line in whole.answers] == [("Кабинет", "412")]


def test_a_table_of_a_mail_stays_in_rows_among_the_details(cast: Cast) -> None:
    text = "Список:\n\n\n\nФИО\nДата\nОрлов\n25.11.2026"
    picture = f"{layout.PICTURE}limage001.png@x{layout.PICTURE}"
    rows = f"Список:\n{picture}\n\n\nФИО\tДата\nОрлов{layout.BREAK}И. И.\t25.11.2026"
    Message.objects.filter(ticket=cast.ticket, opening=True).update(text=text, layout=rows)
    assert page_for(cast.anna, cast).excerpt == "Список:\n\nФИО | Дата\nОрлов И. И. | 25.11.2026"


def test_ab_01_who_joined_late_is_told_no_earlier_step(cast: Cast) -> None:
    step(cast, "Взять в работу", START + timedelta(minutes=5))
    vera = late_comer(cast)
    assert statuses(page_for(vera, cast)) == [] and statuses(page_for(cast.boris, cast)) != []
    step(cast, "Закрыть", LATER + timedelta(minutes=5))
    assert len(statuses(page_for(vera, cast))) == 1


def test_a_late_comer_who_was_taken_off_and_has_the_organisation_sees_every_step(
    cast: Cast, hospital: Organization
) -> None:
    step(cast, "Взять в работу", START + timedelta(minutes=5))
    vera = late_comer(cast)
    set_member(actor=system(), at=START, organization=hospital, person=vera, sees_all=False)
    share_with_organization(actor=Actor(cast.anna, "portal"), at=LATER, ticket=cast.ticket, organization=hospital)
    remove_participant(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, person=vera)
    card = page_for(vera, cast)
    assert statuses(card) != [] and card.opening is not None and not card.on_it


def test_a_withdrawn_message_shows_no_limit_and_cannot_be_corrected(cast: Cast) -> None:
    now = timezone.now()
    message = comment(actor=Actor(cast.anna, "portal"), at=now, ticket=cast.ticket, words=Words("Ой"))
    Message.objects.filter(pk=message.pk).update(cuts=["text"])
    before = messages(page_for(cast.anna, cast, now))[0]
    assert before.cut and before.edit_url and before.withdraw_url and not before.withdrawn
    withdraw_message(actor=Actor(cast.anna, "portal"), at=now, message=message)
    after = messages(page_for(cast.anna, cast, now))[0]
    assert (after.cut, after.edit_url, after.withdraw_url, after.withdrawn) == ("", "", "", True)


def test_a_message_is_corrected_by_its_author_until_the_last_moment(cast: Cast) -> None:
    comment(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, words=Words("Ой"))
    until = START + timedelta(minutes=cast.desk.edit_minutes)
    assert messages(page_for(cast.anna, cast, until))[0].edit_url
    assert not messages(page_for(cast.anna, cast, until + timedelta(seconds=1)))[0].edit_url
    assert not messages(page_for(cast.boris, cast, START))[0].edit_url


# --- what is offered ------------------------------------------------------------------------------------------------


def test_an_act_reopens_only_what_is_closed(cast: Cast) -> None:
    assert page_for(cast.anna, cast).acts and not any(act.reopens for act in page_for(cast.anna, cast).acts)
    Transition.objects.filter(desk=cast.desk, name="Взять в работу").update(for_customers=True)
    onward = [act for act in page_for(cast.anna, cast).acts if act.name == "Взять в работу"]
    assert len(onward) == 1 and not onward[0].reopens
    step(cast, "Закрыть")
    acts = page_for(cast.anna, cast).acts
    assert [act.reopens for act in acts] == [True]
    Status.objects.filter(desk=cast.desk).exclude(category="done").update(category="done")
    assert not any(act.reopens for act in page_for(cast.anna, cast).acts)


def test_who_may_not_write_is_offered_no_act(cast: Cast) -> None:
    boss = person("Нина Начальник", "boss@clinic.test")
    ask_approval(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=[boss], rule="all", question="?"
    )
    card = page_for(boss, cast)
    assert (card.can_write, card.acts, card.on_it, card.muted) == (False, [], False, False) and card.may_ask
    assert page_for(cast.anna, cast).can_write and not page_for(cast.anna, cast).may_ask


def test_only_the_requester_shows_the_request_and_takes_an_organisation_off(cast: Cast, hospital: Organization) -> None:
    assert [organization.pk for organization in page_for(cast.anna, cast).own_organizations] == [hospital.pk]
    share_with_organization(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, organization=hospital)
    own, others = page_for(cast.anna, cast), page_for(cast.boris, cast)
    assert own.can_show and not others.can_show
    assert own.organizations[0].remove_url and others.organizations[0].remove_url == ""
    assert (own.organizations[0].name, own.organizations[0].added_by) == ("Больница № 1", "Анна Петрова")


def test_the_requester_stays_on_the_request(cast: Cast) -> None:
    anna, boris = page_for(cast.boris, cast).people
    assert (anna.is_requester, anna.is_reader, anna.remove_url) == (True, False, "")
    assert boris.is_reader and boris.remove_url and boris.added_by == "Глеб Орлов"


def test_who_is_on_it_switches_mails_and_who_reads_along_does_not(cast: Cast, hospital: Organization) -> None:
    share_with_organization(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, organization=hospital)
    Participant.objects.filter(ticket=cast.ticket, person=cast.boris).update(muted=True)
    on_it = {who: (card.on_it, card.muted, card.can_write) for who in (cast.anna, cast.boris, cast.stranger)
             if (card := page_for(who, cast))}  # fmt: skip
    assert on_it == {
        cast.anna: (True, False, True),
        cast.boris: (True, True, True),
        cast.stranger: (False, False, True),
    }


# --- the rating -----------------------------------------------------------------------------------------------------


def test_a_rating_is_asked_of_the_requester_of_what_is_closed_for_some_days(cast: Cast) -> None:
    assert page_for(cast.anna, cast).rating is None
    step(cast, "Закрыть")
    last = LATER + timedelta(days=cast.desk.rating_days)
    asked = page_for(cast.anna, cast, last).rating
    assert asked is not None and asked.open and asked.score == 0
    assert page_for(cast.boris, cast, last).rating is None
    # Nobody rated, and nobody can any more: there is nothing to show.
    assert page_for(cast.anna, cast, last + timedelta(seconds=1)).rating is None


def test_a_rating_that_was_given_is_shown_for_ever_and_changed_for_some_days(cast: Cast) -> None:
    step(cast, "Закрыть")
    rate(actor=Actor(cast.anna, "portal"), at=LATER, ticket=cast.ticket, score=4, words="Спасибо")
    last = LATER + timedelta(days=cast.desk.rating_days)
    for at, is_open in ((last, True), (last + timedelta(seconds=1), False)):
        shown = page_for(cast.anna, cast, at).rating
        assert shown is not None and (shown.score, shown.words, shown.open) == (4, "Спасибо", is_open)
        assert [choice.score for choice in shown.choices if choice.chosen] == [4]
        assert (shown.draft is not None) is is_open


def test_words_typed_go_before_words_given(cast: Cast) -> None:
    ticket = step(cast, "Закрыть")
    rate(actor=Actor(cast.anna, "portal"), at=LATER, ticket=ticket, score=4, words="Спасибо")
    block = rating_block(cast.anna, ticket, LATER, chosen=2, typed="Нет")
    assert block is not None and block.words == "Нет" and [c.score for c in block.choices if c.chosen] == [2]


# --- approvals ------------------------------------------------------------------------------------------------------


def _asked(cast: Cast, *people: Person, rule: str = "all") -> None:
    ask_approval(
        actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, people=list(people), rule=rule, question="?"
    )


def _answered(cast: Cast, who: Person, *, yes: bool, words: str = "", at: datetime = LATER) -> None:
    approval = Vote.objects.get(person=who, approval__ticket=cast.ticket).approval
    answer_approval(actor=Actor(who, "portal"), at=at, approval=approval, approved=yes, words=words)


def test_who_is_awaited_and_who_decided(cast: Cast) -> None:
    first, second = person("Нина Первая", "n1@clinic.test"), person("Нина Вторая", "n2@clinic.test")
    _asked(cast, first, second)
    blocks = approval_blocks(cast.anna, cast.ticket, Begun(cast.anna, cast.ticket))
    assert awaited_names(blocks) == ["Нина Первая", "Нина Вторая"] and verdict_of(blocks) is None
    _answered(cast, first, yes=True, words="Можно")
    blocks = approval_blocks(cast.anna, cast.ticket, Begun(cast.anna, cast.ticket))
    assert awaited_names(blocks) == ["Нина Вторая"] and verdict_of(blocks) is None
    _answered(cast, second, yes=False, words="Нет & точка", at=LATER + timedelta(hours=1))
    blocks = approval_blocks(cast.anna, cast.ticket, Begun(cast.anna, cast.ticket))
    verdict = verdict_of(blocks)
    assert awaited_names(blocks) == [] and verdict is not None and verdict.declined
    assert (verdict.names, verdict.words, verdict.at) == ("Нина Вторая", "Нет & точка", LATER + timedelta(hours=1))


def test_who_is_asked_is_told_so_and_not_that_somebody_is_awaited(cast: Cast) -> None:
    boss = person("Нина Начальник", "boss@clinic.test")
    _asked(cast, boss)
    assert page_for(boss, cast).now.words == "От вас ждут решения: согласуйте, отклоните или сначала спросите."
    assert page_for(cast.anna, cast).now.words == "Ждём согласования: Нина Начальник."


def test_only_who_is_asked_and_has_not_answered_may_answer(cast: Cast) -> None:
    boss = person("Нина Начальник", "boss@clinic.test")
    _asked(cast, boss)
    offered = {who: block.approve_url for who in (boss, cast.anna)
               for block in approval_blocks(who, cast.ticket, Begun(who, cast.ticket))}  # fmt: skip
    assert offered[boss] and offered[cast.anna] == ""
    _answered(cast, boss, yes=True)
    block = approval_blocks(boss, cast.ticket, Begun(boss, cast.ticket))[0]
    assert (block.approve_url, block.decline_url, block.ask_url, block.draft, block.typed) == ("", "", "", None, "")
    assert [(one.name, one.state) for one in block.people if isinstance(one, Approver)] == [
        ("Нина Начальник", "approved")
    ]


def test_ab_88_the_link_of_an_approval_tells_no_word_of_an_unproved_sender(cast: Cast) -> None:
    boss = person("Нина Начальник", "boss@clinic.test")
    _asked(cast, boss)
    vote = Vote.objects.select_related("approval__ticket__desk", "approval__ticket__requester").get(person=boss)
    told = link_page(vote)
    assert (told.subject, told.requester, told.open) == ("Не открывается протокол", "Анна Петрова", True)
    vote.approval.ticket.sender_unverified = True
    silent = link_page(vote)
    assert (silent.subject, silent.requester, silent.answers, silent.files) == ("", "", [], [])
    _answered(cast, boss, yes=True)
    vote.refresh_from_db()
    assert not link_page(vote).open and link_page(vote).answered == "approved"


# --- forms and the way in -------------------------------------------------------------------------------------------


def test_files_are_taken_one_by_one_only_of_somebody_known(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    known = create_page(cast.desk, kind, request_form(cast.desk, kind, cast.anna))
    unknown = create_page(cast.desk, kind, request_form(cast.desk, kind, None))
    assert known.upload_url.endswith("/upload") and unknown.upload_url == ""


@pytest.mark.parametrize(
    ("goal", "customers"),
    [
        ("/servicedesk/customer/user/requests", True),
        ("/browse/ACCREDO-1", True),
        ("", True),
        ("/projects/ACCREDO/mail", False),
        ("/secure/Dashboard.jspa", False),
    ],
)
def test_an_agents_page_offers_neither_registration_nor_desks(cast: Cast, goal: str, customers: bool) -> None:
    cast.desk.signup = cast.other_desk.signup = True
    for desk in (cast.desk, cast.other_desk):
        desk.anonymous = True
        desk.save()
    wall = login_wall(goal)
    assert bool(wall.desks) is customers
    assert wall.signup is customers
