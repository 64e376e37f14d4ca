"""What commands print."""

import json
import sys
from typing import Any


def say(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{line}\n")


def as_json(value: Any) -> None:
    """The value as JSON for scripts: readable Cyrillic, times in ISO 8601."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=lambda moment: moment.isoformat()))
    sys.stdout.write("\n")
