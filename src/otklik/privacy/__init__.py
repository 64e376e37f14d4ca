"""Personal data: archives for the person, redaction, erasure."""
