"""What a filter finds: the page to which Jira's addresses of a search lead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.statement_timeout import StatementTimedOut, each_statement_within
from otklik.tickets.jql.by_priority import first_by_priority, is_read_by_priority
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.moments import follows_clock
from otklik.tickets.jql.parse import LONGEST, parse
from otklik.tickets.jql.sortable import require_few_to_sort
from otklik.tickets.jql.tree import Query
from otklik.tickets.jql.words_in import checks_each_ticket
from otklik.tickets.models import Ticket
from otklik.ui.paging import Pages, page_count, pages_of
from otklik.workspace.chips.bar import Bar, bar_of
from otklik.workspace.desk_context import Standing
from otklik.workspace.list_look import Look, look_of
from otklik.workspace.pages.found_columns import columns_of, usual_for
from otklik.workspace.pages.list_columns import ListColumns, list_columns
from otklik.workspace.pages.list_news import Changes, Shown, news_address
from otklik.workspace.pages.queue import page_number
from otklik.workspace.pages.rows import Column
from otklik.workspace.queries import rows_with_ids
from otklik.workspace.sidebar import clock_digest
from otklik.workspace.ticket_row import TicketRow

PER_PAGE = 50
COUNTED = 1_000
# Where words are looked for in each ticket, which takes longer.
COUNTED_WORDS = 200
_LIMIT = timedelta(seconds=3)
# The token that is marked as wrong: a quoted value, a word with its parentheses, an operator, or one character.
_WORD = re.compile(
    r""" "(?:[^"\\]|\\.)*"? | '(?:[^'\\]|\\.)*'? | [^\s()=!<>~,&|"']+(?:\(\))? | [=!<>~]+ | \S """,
    re.VERBOSE | re.DOTALL,
)
_NEWS_LIMIT = timedelta(milliseconds=300)
_COUNT_LIMIT = timedelta(milliseconds=300)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a filter is refused. `word`: the wrong token, `before` and `after`: the text around it."""

    words: str
    before: str = ""
    word: str = ""
    after: str = ""

    @property
    def at(self) -> int:
        """The offset of `word` in the text box, where a line break is one character (it is posted as two)."""
        return len(self.before.replace("\r\n", "\n"))


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a filter."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class IssuesPage:
    """Everything the page prints; `pages` is None if nothing was searched.

    `name`: the list's accessible name; `here`: the page's validated URL.
    """

    jql: str
    longest: int
    mistake: Mistake | None
    rows: list[TicketRow]
    pages: Pages | None
    bar: Bar | None
    examples: list[Example]
    columns: list[Column]
    dense: bool
    name: str
    here: str
    news_url: str
    look_url: str

    @property
    def fresh(self) -> bool:
        """Whether there is no filter yet."""
        return not self.jql

    @property
    def chips_suffice(self) -> bool:
        """Whether the chips show everything, so that the text need not be read."""
        return self.mistake is None and self.bar is not None and self.bar.says_all


def issues_page(stands: Standing, parameters: QueryDict, at: datetime) -> IssuesPage:
    """Return the page for the URL parameters `jql` and `page`; never raises.

    Finds tickets only of the desks where the reader works, even if the filter means others: customers have their own
    page.
    """
    jql = parameters.get("jql", "").strip()
    asker, bar = stands.asker(at), None
    try:
        query = parse(jql)
        with each_statement_within(_LIMIT):
            bar = bar_of(query, asker)
            if not jql:
                return _page(jql, bar=bar)
            ids, pages, number = _shown(query, asker, jql, page_number(parameters.get("page", "")))
            look = look_of(stands.person, 0)
            listed = _listed(stands, query, asker, look)
            rows = listed.rows(ids)
            columns = columns_of(query, asker, listed)
    except BadJql as error:
        return _page(jql, mistake=mistake_in(error, jql), bar=bar)
    except UnableTo as error:
        return _page(jql, mistake=Mistake(error.translated()), bar=bar)
    whole = pages.total == len(rows) and not pages.more
    return _page(
        jql,
        rows=rows,
        pages=pages,
        bar=bar,
        columns=columns,
        dense=look.dense,
        here=list_address(jql, number),
        news_url=news_address(
            reverse("workspace:issues_news"),
            Shown(at, tuple(row.id for row in rows), whole, side=clock_digest(stands)),
            _words(jql, number),
        ),
    )


def _page(
    jql: str,
    *,
    mistake: Mistake | None = None,
    rows: Sequence[TicketRow] = (),
    pages: Pages | None = None,
    bar: Bar | None = None,
    columns: Sequence[Column] = (),
    dense: bool = False,
    here: str = "",
    news_url: str = "",
) -> IssuesPage:
    look_url = f"{reverse('workspace:issues_look')}?{urlencode({'back': here})}"
    return IssuesPage(
        jql=jql,
        longest=LONGEST,
        mistake=mistake,
        rows=list(rows),
        pages=pages,
        bar=bar,
        examples=[] if pages else [_example(text) for text in _EXAMPLES],
        columns=list(columns),
        dense=dense,
        name=_("Filter"),
        here=here,
        news_url=news_url,
        look_url=look_url,
    )


def newest_found(stands: Standing, jql: str, at: datetime, since: datetime, most: int) -> Changes:
    """Return up to `most` tickets that the filter finds and that changed after `since`, newest first.

    Raises BadJql, and StatementTimedOut much earlier than the page does, because an open list polls.
    """
    asker = stands.asker(at)  # within a transaction nothing of what desks are made of is kept
    with each_statement_within(_NEWS_LIMIT):
        tickets = find(parse(jql), asker).filter(updated_at__gt=since)
        return list(tickets.order_by("-updated_at", "id").values_list("pk", "updated_at")[:most])


def first_found(stands: Standing, jql: str, at: datetime) -> Changes | None:
    """Return ids and times of the first page if time alone may change it, else None. Raises as `newest_found`."""
    query = parse(jql)
    if not follows_clock(query):
        return None
    asker = stands.asker(at)
    with each_statement_within(_NEWS_LIMIT):
        tickets = find(query, asker)
        return list(tickets.values_list("pk", "updated_at")[:PER_PAGE])


def listed_for(stands: Standing, jql: str, at: datetime) -> ListColumns:
    """Return the columns of this filter's list. Raises BadJql."""
    return _listed(stands, parse(jql), stands.asker(at), look_of(stands.person, 0))


def _listed(stands: Standing, query: Query, asker: Asker, look: Look) -> ListColumns:
    return list_columns(stands.desk_ids, look.columns or usual_for(query, asker))


def list_address(jql: str, number: int) -> str:
    """Return the URL of a page of the list."""
    return f"{reverse('workspace:issues')}?{urlencode(_words(jql, number))}"


def _words(jql: str, number: int) -> dict[str, str | list[str]]:
    return {"jql": jql, **({"page": str(number)} if number > 1 else {})}


def _shown(query: Query, asker: Asker, jql: str, wanted: int) -> tuple[list[TicketRow], Pages, int]:
    tickets = find(query, asker)
    most = COUNTED_WORDS if checks_each_ticket(asker) else COUNTED
    total = _total(tickets, most)
    is_long, by_priority = total is None or total > most, is_read_by_priority(query, asker)
    if is_long and not by_priority:
        require_few_to_sort(query, tickets, asker)
    number = min(max(1, wanted), page_count(COUNTED if is_long or total is None else total, PER_PAGE))
    # The page is cut by ids before joins; one more tells whether there is a next page.
    begin, end = (number - 1) * PER_PAGE, number * PER_PAGE + 1
    if is_long and by_priority:
        ids = first_by_priority(tickets, asker, end)[begin:]
    else:
        ids = list(tickets.values_list("pk", flat=True)[begin:end])
    if begin and not ids:
        return _shown(query, asker, jql, 1)  # a page beyond the end that was not counted
    counted, more = total or 0, is_long and len(ids) > PER_PAGE
    if is_long:
        known = begin + len(ids)
        counted = min(max(known, most), COUNTED) if more and total is not None else known
    rows = rows_with_ids(ids[:PER_PAGE])
    pages = pages_of(number=number, per_page=PER_PAGE, total=counted, query={"jql": jql}, more=more)
    return rows, pages, number


def _total(tickets: QuerySet[Ticket], most: int) -> int | None:
    """Count up to `most` + 1 tickets; None if that takes longer than _COUNT_LIMIT."""
    try:
        with each_statement_within(_COUNT_LIMIT):
            return tickets.order_by()[: most + 1].count()
    except StatementTimedOut:
        return None


def mistake_in(error: BadJql, jql: str) -> Mistake:
    """Return the refusal of this text with the place of the mistake."""
    begin = min(error.at, len(jql))
    word = _WORD.match(jql, begin)
    end = word.end() if word else begin
    return Mistake(error.translated(), jql[:begin], jql[begin:end] or "…", jql[end:])


def _example(text: str) -> Example:
    return Example(text, _address(text))


def _address(jql: str) -> str:
    return f"{reverse('workspace:issues')}?{urlencode({'jql': jql})}"


_EXAMPLES = (
    "statusCategory != Done AND assignee is EMPTY ORDER BY priority DESC, created ASC",
    "assignee = currentUser() AND updated <= -2d",
    "created >= startOfWeek() AND satisfaction <= 3",
    "status changed AFTER startOfDay() BY currentUser()",
)
