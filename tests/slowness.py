"""The machine's present speed, to scale limits of CPU time."""

from otklik.cli.bench.cpu import yardstick_ms

USUAL_MS = 3.0
"""The benchmark's yardstick on the machine for which the limits were chosen, with neighbours (docs/performance.md)."""


def slowness() -> float:
    """Return how many times slower this machine is now than the reference, at least 1."""
    return max(1.0, yardstick_ms() / USUAL_MS)
