"""The settings tab for statuses, and the site-wide lists of resolutions and issue types."""

import pytest

from otklik.desks.models import IssueType, Resolution, Transition
from otklik.journal.models import Event
from otklik.tickets.models import Ticket
from tests.cast import Cast, as_

STATUSES = "/projects/ACCREDO/settings/statuses"
LISTS = "/secure/admin/lists/"


def closing() -> Transition:
    return Transition.objects.filter(desk__key="ACCREDO", name="Закрыть")[0]


def sent(page: str, chosen: dict[int, str]) -> dict[str, str]:
    """Return what a browser sends for the desk's transitions."""
    steps = Transition.objects.filter(desk__key="ACCREDO", target__category="done")
    return {f"step_{step.pk}": chosen.get(step.pk, "") for step in steps if f"step_{step.pk}" in page}


def test_a_lead_chooses_how_a_step_ends_a_request_and_takes_it_back(cast: Cast) -> None:
    lead, declined = as_(cast.lead), Resolution.objects.get(name="Отклонено")
    page = lead.get(STATUSES).content.decode()
    assert "в общем списке (сейчас «Готово»)" in page and f'name="step_{closing().pk}"' in page
    assert LISTS not in page, "leads do not change what all desks share"
    assert lead.post(STATUSES, sent(page, {closing().pk: str(declined.pk)})).status_code == 302
    as_(cast.agent).post(f"/browse/{cast.ticket.key}/transition/{closing().pk}")
    assert Ticket.objects.get(pk=cast.ticket.pk).resolution == declined
    history = lead.get("/projects/ACCREDO/settings/history").content.decode()
    assert "Решение" in history and "Отклонено" in history and "как в общем списке" in history
    lead.post(f"/projects/ACCREDO/settings/history/{Event.objects.filter(kind='desk.changed').latest('id').pk}/undo")
    assert closing().resolution is None


def test_what_is_chosen_must_be_in_the_list(cast: Cast) -> None:
    lead, old = as_(cast.lead), Resolution.objects.get(name="Дубликат")
    page = lead.get(STATUSES).content.decode()
    for wrong in ("987654", "x", str(old.pk)):
        Resolution.objects.filter(pk=old.pk).update(archived=True)
        assert lead.post(STATUSES, sent(page, {closing().pk: wrong})).status_code == 422
    assert closing().resolution is None
    Transition.objects.filter(pk=closing().pk).update(resolution=old)
    assert f'<option value="{old.pk}" selected' in lead.get(STATUSES).content.decode(), "what stands there is shown"


def test_an_admin_adds_renames_archives_and_puts_first(cast: Cast) -> None:
    admin = as_(cast.admin)
    page = LISTS + "resolutions"
    assert admin.post(page, {"name": "Передано", "name_en": "Handed over"}).status_code == 302
    row = Resolution.objects.get(name="Передано")
    assert row.texts == {"en": {"name": "Handed over"}}
    shown = admin.get(page).content.decode()
    assert "Передано" in shown and '<span lang="en">Handed over</span>' in shown
    assert admin.post(f"{page}/{row.pk}", {"name": "Передано дальше", "name_en": ""}).status_code == 302
    admin.post(f"{page}/{row.pk}/first")
    row.refresh_from_db()
    assert (row.name, row.texts, row.position) == ("Передано дальше", {}, 1)
    admin.post(f"{page}/{row.pk}/archive")
    row.refresh_from_db()
    assert row.archived and "Вернуть" in admin.get(page).content.decode()
    admin.post(f"{page}/{row.pk}/archive")
    row.refresh_from_db()
    assert not row.archived
    assert Event.objects.filter(kind="site.resolutions_changed").count() == 5


def test_what_is_refused_stands_on_the_form_with_what_was_typed(cast: Cast) -> None:
    admin, page = as_(cast.admin), LISTS + "issue-types"
    refused = admin.post(page, {"name": "Инцидент", "name_en": "Mine"})
    assert refused.status_code == 422 and 'value="Mine"' in refused.content.decode()
    assert admin.post(page, {"name": " "}).status_code == 422
    row = IssueType.objects.get(name="Инцидент")
    assert admin.post(f"{page}/{row.pk}", {"name": "Запрос на обслуживание"}).status_code == 422
    admin.post(f"{page}/{IssueType.objects.exclude(pk=row.pk).get().pk}/archive")
    said = admin.post(f"{page}/{row.pk}/archive", follow=True).content.decode()
    assert "в употреблении" in said or "использ" in said
    assert not IssueType.objects.get(pk=row.pk).archived, "one stays in use"


@pytest.mark.parametrize("who", ["lead", "agent", "anna"])
def test_only_admins_see_the_lists(cast: Cast, who: str) -> None:
    browser, row = as_(getattr(cast, who)), Resolution.objects.all()[0]
    for address in ("resolutions", "issue-types", f"resolutions/{row.pk}"):
        assert browser.get(LISTS + address).status_code == 404
    browser.post(f"{LISTS}resolutions/{row.pk}/archive")
    assert not Resolution.objects.get(pk=row.pk).archived


def test_there_are_two_lists_and_their_entries(cast: Cast) -> None:
    admin = as_(cast.admin)
    last = Resolution.objects.order_by("pk").last()
    assert last is not None
    for address in ("priorities", f"resolutions/{last.pk + 1}", f"priorities/{last.pk}"):
        assert admin.get(LISTS + address).status_code == 404


def test_an_admin_who_leads_the_desk_finds_the_lists_from_its_settings(cast: Cast) -> None:
    cast.lead.is_admin = True
    cast.lead.save()
    lead = as_(cast.lead)
    assert f'href="{LISTS}resolutions"' in lead.get(STATUSES).content.decode()
    assert f'href="{LISTS}issue-types"' in lead.get("/projects/ACCREDO/settings/types").content.decode()


def test_a_page_that_is_out_of_date_turns_nothing_round(cast: Cast) -> None:
    """With two pages showing an active entry, the second archiving does not restore it."""
    admin, lead = as_(cast.admin), as_(cast.lead)
    row, kind = Resolution.objects.get(name="Дубликат"), cast.desk.request_types.order_by("position")[1]
    field = kind.form_fields.exclude(key="summary")[0]
    types = "/projects/ACCREDO/settings/types"
    places = (
        (admin, f"{LISTS}resolutions/{row.pk}/archive", row),
        (lead, f"{types}/{kind.pk}/archive", kind),
        (lead, f"{types}/{kind.pk}/form/{field.pk}/archive", field),
    )
    for browser, address, thing in places:
        for wanted in ("1", "1", "0", "0"):
            browser.post(address, {"archived": wanted})
            thing.refresh_from_db()
            assert thing.archived == (wanted == "1"), address
    shown = admin.get(f"{LISTS}resolutions").content.decode(), lead.get(types).content.decode()
    assert all('name="archived" value="1"' in page for page in shown)
