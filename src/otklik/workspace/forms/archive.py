"""Whether a posted form archives an entry of the settings or restores it."""

from django.http import QueryDict


def wants_archived(post: QueryDict, *, is_archived: bool) -> bool:
    """Return whether to archive, as the pressed button says ("1" or "0").

    The button states the wanted state because a stale page must not revert what somebody else did. Scripts may omit it
    to toggle.
    """
    return {"1": True, "0": False}.get(post.get("archived", ""), not is_archived)
