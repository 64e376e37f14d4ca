"""The form for access in the demo's second desk, in both languages. Data only."""

from typing import Any

from otklik.desks.models import Field

Option = dict[str, Any]


def _option(number: int, label: str, english: str, *children: Option) -> Option:
    made = {"id": str(number), "label": label, "labels": {"en": english}}
    return {**made, "children": list(children)} if children else made


def _in_english(label: str, help_line: str = "") -> dict[str, Any]:
    return {"texts": {"en": {"label": label, **({"help": help_line} if help_line else {})}}}


_SYSTEMS = [
    _option(1, "Электронная медицинская карта", "Electronic health record"),
    _option(2, "Архив снимков", "Image archive"),
    _option(3, "Льготные рецепты", "Subsidised prescriptions"),
    _option(4, "Другая", "Another one"),
]
_RIGHTS = [
    _option(1, "Просмотр", "View"),
    _option(2, "Изменение", "Change"),
    _option(3, "Печать", "Print"),
    _option(4, "Подпись", "Sign"),
]
_DEPARTMENTS = [
    _option(
        1,
        "Стационар",
        "Inpatient department",
        _option(11, "Кардиология", "Cardiology"),
        _option(12, "Лучевая диагностика", "Radiology"),
    ),
    _option(
        2,
        "Поликлиника",
        "Outpatient department",
        _option(21, "Регистратура", "Reception"),
        _option(22, "Терапия", "Internal medicine"),
    ),
]
_FOR_WHOM = "Для кого нужен доступ: фамилия, имя, отчество полностью."
FIELDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (Field.Kind.CHOICE, "Система", {"options": _SYSTEMS, "required": True, **_in_english("System")}),
    (Field.Kind.TEXT, "Какая система", {"required": True, **_in_english("Which system")}),
    (Field.Kind.CHOICES, "Права", {"options": _RIGHTS, **_in_english("Rights")}),
    (
        Field.Kind.TEXT,
        "ФИО",
        {
            "help": _FOR_WHOM,
            "required": True,
            **_in_english("Full name", "Who needs the access: family name, first name, patronymic."),
        },
    ),
    (Field.Kind.CASCADE, "Отделение", {"options": _DEPARTMENTS, **_in_english("Department")}),
    (Field.Kind.DATE, "Нужен с", {"limits": {"when": "future"}, **_in_english("Needed from")}),
    (
        Field.Kind.CHECKBOX,
        "С документами о персональных данных ознакомлен",
        _in_english("Has read the documents on personal data"),
    ),
)
