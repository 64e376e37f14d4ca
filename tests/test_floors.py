"""Foreign keys point down, as imports do (import-linter checks those)."""

from django.apps import apps

FLOORS = [
    "core",
    "journal",
    "people",
    "mail",
    "desks",
    "tickets",
    "ui",
    "intake",
    "notify",
    "privacy",
    "portal",
    "workspace",
    "demo",
    "ops",
    "config",
]


def test_every_relation_points_to_its_own_floor_or_below() -> None:
    wrong = [
        f"{model.__name__}.{field.name} -> {field.related_model.__name__}"
        for model in apps.get_models()
        if model._meta.app_label in FLOORS
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is not None
        if field.related_model._meta.app_label in FLOORS
        if FLOORS.index(field.related_model._meta.app_label) > FLOORS.index(model._meta.app_label)
    ]
    assert wrong == []


def test_the_journal_has_no_foreign_keys() -> None:
    relations = [f for m in apps.get_app_config("journal").get_models() for f in m._meta.fields if f.is_relation]
    assert relations == []


def test_every_package_with_models_has_a_floor() -> None:
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("otklik.")}
    assert ours == set(FLOORS)
