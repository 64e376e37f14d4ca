"""What can go wrong in a way that a person can mend."""


class UnableTo(Exception):
    """A command refuses. The text is for people: it says what is wrong and what to do."""
