"""Which agents have a ticket open now, and who of them is writing."""

from datetime import timedelta

PRESENT_FOR = timedelta(seconds=40)
"""How long after its last poll an open page counts as looked at."""
