"""What a canned answer is made of, for tests of its commands."""

from typing import Any


def values(name: str, **more: Any) -> dict[str, Any]:
    return {"folder": "", "name": name, "texts": {"ru": {"text": "Здравствуйте!"}}, **more}
