"""URLs of a desk's settings, below /projects/KEY/settings, and of the site's.

Whoever adds a page adds its tab to pages/settings.py.
"""

from django.urls import URLPattern, URLResolver, path

from otklik.workspace import url_converters  # noqa: F401  # registers desk_key
from otklik.workspace.views import (
    canned_answers,
    canned_files,
    mail_settings,
    queue_edit,
    settings_card,
    settings_fields,
    settings_look,
    settings_statuses,
    settings_texts,
    settings_types,
    site_lists,
)
from otklik.workspace.views.settings import general, history, overview, undo

OF_SITE: list[URLPattern | URLResolver] = [
    path("secure/admin/center", settings_texts.center, name="center"),
    path("secure/admin/center/back", settings_texts.center_back, name="center_back"),
    path("secure/admin/lists/<slug:table>", site_lists.entries, name="site_list"),
    path("secure/admin/lists/<slug:table>/<int:entry_id>", site_lists.entry, name="site_entry"),
    path("secure/admin/lists/<slug:table>/<int:entry_id>/archive", site_lists.archive, name="archive_site_entry"),
    path("secure/admin/lists/<slug:table>/<int:entry_id>/first", site_lists.first, name="first_site_entry"),
]

OF_DESK: list[URLPattern | URLResolver] = [
    path("", general, name="settings"),
    path("/mail", mail_settings.mail, name="settings_mail"),
    path("/mail/<slug:kind>", mail_settings.text, name="settings_mail_text"),
    path("/mail/<slug:kind>/preview", mail_settings.preview, name="settings_mail_preview"),
    path("/mail/<slug:kind>/sample", mail_settings.sample, name="settings_mail_sample"),
    path("/mail/<slug:kind>/reset", mail_settings.reset, name="settings_mail_reset"),
    path("/languages", settings_texts.texts, name="settings_texts"),
    path("/languages/names", settings_texts.names, name="settings_names"),
    path("/queues", queue_edit.queues, name="settings_queues"),
    path("/queues/order", queue_edit.order, name="settings_order_queues"),
    path("/canned", canned_answers.desk_answers, name="settings_canned"),
    path("/canned/file", canned_files.desk_file, name="settings_canned_file"),
    path("/statuses", settings_statuses.statuses, name="settings_statuses"),
    path("/look", settings_look.look, name="settings_look"),
    path("/card", settings_card.card, name="settings_card"),
    path("/overview", overview, name="settings_overview"),
    path("/history", history, name="settings_history"),
    path("/history/<int:event_id>/undo", undo, name="settings_undo"),
    path("/types", settings_types.types, name="settings_types"),
    path("/types/add", settings_types.add, name="settings_add_type"),
    path("/types/order", settings_types.order, name="settings_order_types"),
    path("/types/<int:type_id>", settings_types.edit, name="settings_type"),
    path("/types/<int:type_id>/allow", settings_types.allow, name="settings_allow"),
    path("/types/<int:type_id>/archive", settings_types.archive, name="settings_archive_type"),
    path("/types/<int:type_id>/form", settings_fields.fields, name="settings_form"),
    path("/types/<int:type_id>/form/add", settings_fields.add, name="settings_add_field"),
    path("/types/<int:type_id>/form/known", settings_fields.add_known, name="settings_known_field"),
    path("/types/<int:type_id>/form/order", settings_fields.order, name="settings_order_fields"),
    path("/types/<int:type_id>/form/<int:field_id>", settings_fields.edit, name="settings_field"),
    path(
        "/types/<int:type_id>/form/<int:field_id>/conditions",
        settings_fields.conditions,
        name="settings_conditions",
    ),
    path(
        "/types/<int:type_id>/form/<int:field_id>/archive",
        settings_fields.archive,
        name="settings_archive_field",
    ),
    path("/groups", settings_types.groups, name="settings_groups"),
    path("/groups/add", settings_types.add_group, name="settings_add_group"),
    path("/groups/order", settings_types.order_groups, name="settings_order_groups"),
    path("/groups/<int:group_id>", settings_types.group, name="settings_group"),
]
