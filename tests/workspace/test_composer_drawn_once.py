"""An untouched composer is rendered once for everybody, one with a draft for its author only."""

import re

import pytest

from otklik.people.models import Person
from otklik.tickets.models import Draft
from otklik.ui.template_fragment_cache import DRAWN, told_by
from otklik.workspace.forms.message import MessageForm
from tests.cast import START, Cast, as_

SECRET = "сиреневая-канарейка"
_CHANGES = re.compile(
    r'name="(csrfmiddlewaretoken|nonce|draft\.(writer|owner|stamp))" value="[^"]*"|X-CSRFToken": "[^"]*"'
)


def composer_of(who: Person) -> str:
    page = as_(who).get("/browse/ACCREDO-1").content.decode()
    part = re.search(r'<section class="composer-box.*?</section>', page, re.DOTALL)
    assert part is not None
    return _CHANGES.sub("", part[0])


def test_what_one_agent_has_begun_stands_in_no_other_composer(cast: Cast) -> None:
    DRAWN.clear()
    empty = composer_of(cast.agent)
    assert composer_of(cast.agent) == empty == composer_of(cast.lead)
    for kind in (Draft.Kind.REPLY, Draft.Kind.NOTE):
        Draft.objects.create(
            person=cast.agent, kind=kind, subject_id=cast.ticket.pk, ticket=cast.ticket, words={"comment": [SECRET]},
            updated_at=START,
        )  # fmt: skip
        assert SECRET in composer_of(cast.agent) and composer_of(cast.lead) == empty
        Draft.objects.all().delete()
        assert composer_of(cast.agent) == empty
    Draft.objects.create(
        person=cast.agent, kind="reply", subject_id=cast.ticket.pk, ticket=cast.ticket,
        words={"comment": [""], "send_at": ["31.12.2026 10:00"]}, updated_at=START,
    )  # fmt: skip
    later = composer_of(cast.agent)
    assert 'value="31.12.2026 10:00"' in later and 'class="composer-later" open' in later
    assert SECRET not in str(DRAWN._parts)


def test_a_refused_composer_is_drawn_with_its_words_and_kept_nowhere(cast: Cast) -> None:
    DRAWN.clear()
    answer = as_(cast.agent).post("/browse/ACCREDO-1/reply", {"comment": "", "version": "0", "seen": "0", "nonce": "x"})
    assert answer.status_code == 422 and 'field-error" id="reply' in answer.content.decode()
    assert 'field-error" id="reply' not in composer_of(cast.agent)


@pytest.mark.parametrize("change", [{"data": {}}, {"initial": {"comment": SECRET}}, {"initial": {"send_at": START}}])
def test_one_that_was_written_into_does_not_tell_itself(change: dict[str, object]) -> None:
    assert told_by(MessageForm(auto_id="reply_%s", owner="1")) == told_by(MessageForm(auto_id="reply_%s", owner="2"))
    touched = MessageForm(auto_id="reply_%s", owner="1", **change)
    assert not touched.untouched
    with pytest.raises(TypeError):
        told_by(touched)
