"""How slow the machine is, for limits of CPU time: a second of a slow machine is less work."""

from otklik.cli.bench.cpu import yardstick_ms

USUAL_MS = 3.0
"""The benchmark's yardstick on the machine for which the limits were chosen, with neighbours (docs/performance.md)."""


def slowness() -> float:
    """By how much this machine is slower at this moment; 1 where it is as fast or faster."""
    return max(1.0, yardstick_ms() / USUAL_MS)
