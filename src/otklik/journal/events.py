"""Base class of typed events. Each room declares its own kinds in its module `events`."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from types import UnionType
from typing import Any, ClassVar, Self, get_origin

from django.db.models import Q

_CLASSES: dict[str, "type[TypedEvent]"] = {}


@dataclass(frozen=True, kw_only=True)
class Part:
    """A group of values within an event, stored as one JSON object."""

    def to_data(self) -> dict[str, Any]:
        """Return the JSON object. Fields that hold their default are left out."""
        values = ((part_field, getattr(self, part_field.name)) for part_field in fields(self))
        return {
            _key(part_field): _kept(value)
            for part_field, value in values
            if part_field.default is MISSING or value != part_field.default
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Build from a stored object. Missing keys get the field's default or an empty value; unknown ones are
        ignored."""
        return cls(**{part_field.name: _read(part_field, data) for part_field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class TypedEvent(Part):
    """The data of one kind of event, besides who acted and when.

    `kind`: the event's kind; `subject`: the kind of object that its `subject_id` refers to. Fields without a default
    are always stored; those with one were added later or are stored only if they differ. TypedEvent itself represents
    events of unknown kinds.
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
        """Return a condition on Event: of this kind, with these field values."""
        keys = {event_field.name: _key(event_field) for event_field in fields(cls)}
        return Q(kind=cls.kind, **{f"data__{keys[name]}": value for name, value in values.items()})

    @classmethod
    def having(cls, name: str) -> Q:
        """Return a condition on Event: of this kind, with this field stored."""
        keys = {event_field.name: _key(event_field) for event_field in fields(cls)}
        return Q(kind=cls.kind, data__has_key=keys[name])


def kept_as(key: str, **options: Any) -> Any:
    """Declare a dataclass field that is stored under another JSON key."""
    return field(metadata={"key": key}, **options)


def parts(of: type[Part]) -> Any:
    """Declare a dataclass field that holds a tuple of parts."""
    return field(metadata={"of": of})


def classes() -> Mapping[str, type[TypedEvent]]:
    """Return the registered classes by kind."""
    return _CLASSES


def typed(kind: str, data: Mapping[str, Any]) -> TypedEvent:
    """Build the typed event from a stored kind and data."""
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
