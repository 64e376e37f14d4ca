"""Base class of typed events. Each room declares its own kinds in its module `events`."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from types import UnionType
from typing import Any, ClassVar, Self, get_origin

from django.db.models import Q

_CLASSES: dict[str, "type[TypedEvent]"] = {}


@dataclass(frozen=True, kw_only=True)
class Part:
    """Several values of an event that belong together, kept as one JSON object."""

    def to_data(self) -> dict[str, Any]:
        """As JSON keeps it. A field that may be left out is, where it holds its default."""
        values = ((part_field, getattr(self, part_field.name)) for part_field in fields(self))
        return {
            _key(part_field): _kept(value)
            for part_field, value in values
            if part_field.default is MISSING or value != part_field.default
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """As it was kept. What is missing is the field's default, or blank; keys that no field has are passed over."""
        return cls(**{part_field.name: _read(part_field, data) for part_field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class TypedEvent(Part):
    """What an event of one kind tells besides who did it and when.

    `kind` is the event's; `subject` says what kind of thing its `subject_id` is. Fields without a default are always
    written; those with one came later, or are told only where there is something to tell. This class itself stands for
    an event whose kind no class has.
    """

    kind: ClassVar[str] = ""
    subject: ClassVar[str] = ""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "kind" not in cls.__dict__:
            return
        if cls.kind in _CLASSES:
            raise TypeError(f"{cls.kind} is the kind of {_CLASSES[cls.kind].__qualname__} already")
        _CLASSES[cls.kind] = cls

    @classmethod
    def where(cls, **values: Any) -> Q:
        """For a query of Event: those of this kind whose fields have these values."""
        keys = {event_field.name: _key(event_field) for event_field in fields(cls)}
        return Q(kind=cls.kind, **{f"data__{keys[name]}": value for name, value in values.items()})

    @classmethod
    def having(cls, name: str) -> Q:
        """For a query of Event: those of this kind that tell of this field."""
        keys = {event_field.name: _key(event_field) for event_field in fields(cls)}
        return Q(kind=cls.kind, data__has_key=keys[name])


def kept_as(key: str, **options: Any) -> Any:
    """A field that JSON knows by another name."""
    return field(metadata={"key": key}, **options)


def parts(of: type[Part]) -> Any:
    """A field that holds several parts, in order."""
    return field(metadata={"of": of})


def classes() -> Mapping[str, type[TypedEvent]]:
    """The classes of all kinds, by kind."""
    return _CLASSES


def typed(kind: str, data: Mapping[str, Any]) -> TypedEvent:
    """What an event of this kind with this data tells."""
    return _CLASSES.get(kind, TypedEvent).from_data(data)


def _key(event_field: Field[Any]) -> str:
    return str(event_field.metadata.get("key", event_field.name))


def _kept(value: Any) -> Any:
    if isinstance(value, Part):
        return value.to_data()
    return [_kept(element) for element in value] if isinstance(value, (tuple, list)) else value


def _read(event_field: Field[Any], data: Mapping[str, Any]) -> Any:
    if _key(event_field) not in data:
        return _blank(event_field)
    value = data[_key(event_field)]
    if part := event_field.metadata.get("of"):
        return tuple(part.from_data(each) for each in value)
    return tuple(value) if get_origin(event_field.type) is tuple else value


def _blank(event_field: Field[Any]) -> Any:
    if event_field.default is not MISSING:
        return event_field.default
    kind: Any = get_origin(event_field.type) or event_field.type
    return None if kind is UnionType else kind()
