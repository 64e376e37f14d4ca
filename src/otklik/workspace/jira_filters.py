"""Jira's built-in filters, which its pages address by number or, within a project, by name, as our filter texts."""

# By Jira's numbers of them. Closed is what has a status that ends a request, whether or not a resolution was given.
BUILT_IN = {
    "-1": "assignee = currentUser() AND statusCategory != Done ORDER BY updated DESC",
    "-2": "reporter = currentUser() ORDER BY created DESC",
    "-3": "key in issueHistory() ORDER BY lastViewed DESC",
    "-4": "ORDER BY created DESC",
    "-5": "statusCategory != Done ORDER BY priority DESC, updated DESC",
    "-6": "created >= -7d ORDER BY created DESC",
    "-7": "resolved >= -7d ORDER BY resolved DESC",
    "-8": "updated >= -7d ORDER BY updated DESC",
    "-9": "statusCategory = Done ORDER BY updated DESC",
}
NAMES = {
    "myopenissues": "-1",
    "reportedbyme": "-2",
    "viewedrecently": "-3",
    "recentlyviewed": "-3",
    "allissues": "-4",
    "allopenissues": "-5",
    "addedrecently": "-6",
    "createdrecently": "-6",
    "resolvedrecently": "-7",
    "updatedrecently": "-8",
    "doneissues": "-9",
}
OPEN = "allopenissues"


def number_of(name: str) -> str:
    """Return the number of a filter that is given by number or name, as text."""
    return NAMES.get(name.strip().lower(), name.strip())


def built_in(number: str, desk_key: str = "") -> str | None:
    """Return the text of a built-in filter, of one desk if a key is given; None if the number is not one of them."""
    text = BUILT_IN.get(number)
    if text is None or not desk_key:
        return text
    where, _order_by, order = text.rpartition("ORDER BY ")
    return f"project = {desk_key}{f' AND {where}' if where else ' '}ORDER BY {order}"
