"""For any filter a chip changes its own condition and nothing else."""

from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.tickets.jql.edit import required
from otklik.tickets.jql.form_conditions import HOWS, Kind
from otklik.tickets.jql.parse import parse
from otklik.tickets.jql.write import write
from otklik.workspace.chips.editor import ChipForm
from otklik.workspace.chips.query_parts import all_spans, spans_of
from tests.cast import Cast
from tests.workspace.test_chips import asker

_PARTS = st.sampled_from(
    [
        "status = Открытый",
        "status in (Closed, Открытый, EMPTY)",
        "resolution = Unresolved",
        "NOT status = Закрыт",
        "assignee is EMPTY",
        "assignee in (currentUser(), EMPTY)",
        "(labels != vip OR labels is EMPTY)",
        "(status = Открытый OR status = Закрыт)",
        "(assignee is EMPTY OR updated <= -2d)",
        "updated < -2d",
        "created >= 2026-11-02",
        "created < 2026-11-06",
        "due <= 7d",
        "text ~ 'не печатает'",
        "satisfaction >= 3",
        "priority > Низкий",
        "status was Закрыт",
        "created >= startOfMonth(-1)",
        "nosuchfield = 1",
        "(project = ACCREDO AND status = Открытый)",
        "(labels = vip OR (status = Открытый AND created >= 2026-11-02 AND created < 2026-11-06) OR status was Закрыт)",
        "(due <= 7d OR (labels != vip OR labels is EMPTY) OR (due >= 2026-11-02 AND due <= 2026-11-05))",
    ]
)
_TEXTS = st.builds(
    lambda parts, order: " AND ".join(parts) + order,
    st.lists(_PARTS, min_size=1, max_size=6),
    st.sampled_from(["", " ORDER BY приоритет DESC, key", " ORDER BY created ASC, updated, due, status"]),
)


def as_sent(form: ChipForm) -> dict[str, list[str]]:
    """Return what a browser sends of the unchanged form."""
    editor = form.editor()
    sent: dict[str, list[str]] = {"jql": [editor.jql], "chip": [editor.place], "field": [editor.name]}
    sent["how"] = [way.how for way in editor.ways if way.chosen]
    for way in editor.ways:
        for field in way.inputs:
            sent[field.name] = [pick.value for pick in field.picks if pick.chosen] or [field.value]
    sent["value"] = [option.value for option in editor.options if option.chosen]
    sent["text"] = [editor.text]
    sent["by"] = [row.name for row in editor.order]
    sent["down"] = ["1" if row.descending else "0" for row in editor.order]
    return sent


def data_of(sent: dict[str, list[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in sent.items():
        data.setlist(name, values)
    return data


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=_TEXTS)
def test_a_form_applied_as_it_was_opened_changes_nothing(cast: Cast, text: str) -> None:
    query = parse(text)
    places = [span.place for span in all_spans(spans_of(query, asker(cast))) if span.meant]
    for place in [*places, "order"]:
        form = ChipForm.of(data_of({"jql": [text], "chip": [place]}), asker(cast))
        assert form is not None
        again = ChipForm.of(data_of(as_sent(form)), asker(cast))
        assert again is not None and again.text() == write(query), place


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=_TEXTS, chosen=st.data())
def test_what_a_chip_does_not_touch_stays_as_it_was(cast: Cast, text: str, chosen: st.DataObject) -> None:
    query = parse(text)
    spans = [span for span in all_spans(spans_of(query, asker(cast))) if span.meant]
    if not spans:
        return
    span = chosen.draw(st.sampled_from(spans))
    assert span.meant is not None
    sent = {"jql": [text], "chip": [span.place], **_another(span.meant.kind)}
    form = ChipForm.of(data_of(sent), asker(cast))
    assert form is not None
    try:
        changed = parse(form.text())
    except Exception as refused:
        raise AssertionError(sent) from refused
    before, after = required(query), required(changed)
    for place in span.path[:-1]:  # the lists around it
        assert [*before[:place], *before[place + 1 :]] == [*after[:place], *after[place + 1 :]]
        before, after = before[place].parts, after[place].parts  # type: ignore[union-attr]
    begin = span.path[-1]
    assert after[:begin] == before[:begin]
    assert after[len(after) - (len(before) - span.end) :] == before[span.end :]
    assert changed.sortings == query.sortings


def _another(kind: Kind) -> dict[str, list[str]]:
    how = HOWS[kind][-1]
    return {
        "how": [how],
        "value": ["EMPTY"] if kind is not Kind.RANK else ["Высокий"],
        "text": ["2"],
    }
