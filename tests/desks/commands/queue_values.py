"""Valid values of a queue, for tests of its commands."""

from typing import Any

OPEN = "statusCategory != Done"


def values(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "jql": OPEN, "typed": OPEN, "icon": "star", "columns": ["key"], **more}
