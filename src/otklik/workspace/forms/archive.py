"""Whether a posted form archives an entry of the settings or restores it."""

from django.http import QueryDict


def wants_archived(post: QueryDict, *, is_archived: bool) -> bool:
    """What the pressed button says, "1" or "0": a page that is out of date must not turn round what somebody else did.

    A script may leave it out and gets the other state.
    """
    return {"1": True, "0": False}.get(post.get("archived", ""), not is_archived)
