"""What is kept about a person: read out, redacted, erased."""
