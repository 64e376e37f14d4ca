"""One act on many tickets (ADR 119)."""
