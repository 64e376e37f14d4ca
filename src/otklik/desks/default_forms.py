"""Form fields of a new desk's request types, in Russian and English, in the order of the types in defaults.py.

Nothing but subject and description is required, and what explains the answer "another one": whoever asks by a script
or in a hurry is not turned away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from otklik.desks.models import ATTACHMENTS, DESCRIPTION, SUMMARY, CustomField, Field, RequestType
from otklik.desks.models.request_form import FIRST_CUSTOM

K = Field.Kind


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A field of a default form.

    `when`: label of the field that it depends on, and of the option that shows it; it is then required. `elsewhere`:
    the options in the other language, in the same order; empty if they are the same.
    """

    kind: str
    label: str
    help: str = ""
    options: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    when: tuple[str, str] | None = None
    limits: dict[str, Any] = field(default_factory=dict)


FORMS: dict[str, tuple[tuple[FieldPlan, ...], ...]] = {
    "ru": (
        (
            FieldPlan(K.PARAGRAPH, "Шаги", "Что и в каком порядке вы делали, прежде чем появилась ошибка."),
            FieldPlan(K.TEXT, "Адрес страницы", "Скопируйте из адресной строки браузера."),
            FieldPlan(
                K.CHOICE,
                "Браузер",
                options=("Яндекс Браузер", "Chrome", "Firefox", "Chromium GOST", "Edge", "Другой"),
                elsewhere=("Yandex Browser", "Chrome", "Firefox", "Chromium GOST", "Edge", "Another one"),
            ),
            FieldPlan(K.TEXT, "Какой браузер", when=("Браузер", "Другой")),
        ),
        (),
        (
            FieldPlan(K.TEXT, "ФИО", "Для кого нужна учётная запись: фамилия, имя, отчество полностью."),
            FieldPlan(K.TEXT, "Должность"),
            FieldPlan(
                K.CHOICE,
                "Роль",
                options=("Председатель комиссии", "Секретарь", "Член комиссии", "Другая"),
                elsewhere=("Chair", "Secretary", "Member", "Another one"),
            ),
            FieldPlan(K.TEXT, "Какая роль", when=("Роль", "Другая")),
            FieldPlan(K.DATE, "Нужна с", limits={"when": "future"}),
        ),
    ),
    "en": (
        (
            FieldPlan(K.PARAGRAPH, "Steps", "What you did, in order, before the error appeared."),
            FieldPlan(K.TEXT, "Page address", "Copy it from the browser's address bar."),
            FieldPlan(
                K.CHOICE,
                "Browser",
                options=("Chrome", "Edge", "Firefox", "Safari", "Another one"),
                elsewhere=("Chrome", "Edge", "Firefox", "Safari", "Другой"),
            ),
            FieldPlan(K.TEXT, "Which browser", when=("Browser", "Another one")),
        ),
        (),
        (
            FieldPlan(K.TEXT, "Full name", "Whom the account is for."),
            FieldPlan(K.TEXT, "Position"),
            FieldPlan(
                K.CHOICE,
                "Role",
                options=("Chair", "Secretary", "Member", "Another one"),
                elsewhere=("Председатель комиссии", "Секретарь", "Член комиссии", "Другая"),
            ),
            FieldPlan(K.TEXT, "Which role", when=("Role", "Another one")),
            FieldPlan(K.DATE, "Needed from", limits={"when": "future"}),
        ),
    ),
}

# The hint below the description, by type; "": the built-in hint, which is about problems.
DESCRIPTIONS: dict[str, tuple[str, ...]] = {
    "ru": (
        "",
        "Что вы хотите узнать или сделать? Напишите, что вы уже пробовали.",
        "Для чего нужна учётная запись и что её владелец будет делать в системе?",
        "",
    ),
    "en": (
        "",
        "What do you want to know or to do? Say what you have tried already.",
        "What is the account for, and what will its owner do in the system?",
        "",
    ),
}


def add_default_forms(kinds: Sequence[RequestType], language: str) -> None:
    """Give a new desk's request types their forms; the last type, for mail, gets no fields of its own."""
    for place, (kind, plans) in enumerate(zip(kinds, (*FORMS[language], ()), strict=True)):
        added = add_form(kind, plans, language)[1]
        added.help = DESCRIPTIONS[language][place]
        added.texts = {
            language_code: {"help": descriptions[place]}
            for language_code, descriptions in DESCRIPTIONS.items()
            if language_code != language and descriptions[place]
        }
        added.save(update_fields=["help", "texts"])


def add_form(kind: RequestType, plans: Sequence[FieldPlan] = (), language: str = "") -> list[Field]:
    """Give a new request type its form: subject, description, the planned fields in this language, files."""
    rows = [_built_in(kind, SUMMARY, K.TEXT, 1), _built_in(kind, DESCRIPTION, K.PARAGRAPH, 2)]
    for plan in plans:
        rows.append(_planned(kind, plan, rows, language))
    rows.append(_built_in(kind, ATTACHMENTS, K.ATTACHMENT, len(rows) + 1))
    return rows


def texts_elsewhere(plan: FieldPlan, language: str) -> dict[str, dict[str, str]]:
    """Return the `texts` of a default field: label and help in the other languages."""
    texts = {}
    for code, others in FORMS.items():
        for mine, theirs in zip(FORMS.get(language, ()), others, strict=False):
            for mine_plan, other in zip(mine, theirs, strict=True):
                if mine_plan is plan and code != language:
                    texts[code] = {"label": other.label, **({"help": other.help} if other.help else {})}
    return texts


def options_of(plan: FieldPlan, language: str) -> list[dict[str, Any]]:
    """Return the field's options in this language, with their labels in the other."""
    other = next(code for code in FORMS if code != language)
    return [
        {"id": str(number), "label": label, **({"labels": {other: translated}} if translated != label else {})}
        for number, (label, translated) in enumerate(zip(plan.options, plan.elsewhere or plan.options, strict=True), 1)
    ]


def register(form_field: Field) -> CustomField:
    """Add a saved custom field to the registry, under a number unique on the site, from which its key is made.

    Call in the transaction that created the field.
    """
    custom = CustomField.objects.create(
        number=FIRST_CUSTOM + form_field.pk,
        desk=form_field.request_type.desk,
        name=form_field.label,
        kind=form_field.kind,
        searchable=form_field.kind != K.ATTACHMENT,
    )
    form_field.custom, form_field.key = custom, custom.key
    form_field.save(update_fields=["custom", "key"])
    return custom


def _built_in(kind: RequestType, key: str, of: str, position: int) -> Field:
    required = key != ATTACHMENTS
    return Field.objects.create(request_type=kind, key=key, kind=of, required=required, position=position)


def _planned(kind: RequestType, plan: FieldPlan, before: list[Field], language: str) -> Field:
    form_field = Field(
        request_type=kind,
        key=f"new_{len(before)}",
        kind=plan.kind,
        label=plan.label,
        help=plan.help,
        required=plan.when is not None,
        position=len(before) + 1,
        limits=dict(plan.limits),
        texts=texts_elsewhere(plan, language),
        options=options_of(plan, language),
    )
    if plan.when:
        other = next(earlier for earlier in before if earlier.label == plan.when[0])
        form_field.condition_key = other.key
        form_field.condition_values = [option["id"] for option in other.options if option["label"] == plan.when[1]]
    form_field.save()
    register(form_field)
    return form_field
