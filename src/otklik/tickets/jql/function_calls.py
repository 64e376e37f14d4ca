"""Functions of the filter language by name, and their refusals."""

from otklik.tickets.jql.errors import BadJql, unknown_function, unknown_value
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.jql.tree import Call, Literal

FUNCTIONS = (
    "currentUser", "membersOf", "organizationMembers",
    "now", "startOfDay", "startOfWeek", "startOfMonth", "startOfYear",
    "endOfDay", "endOfWeek", "endOfMonth", "endOfYear",
    "approved", "approver", "myApproval", "myPending", "myPendingApproval", "pending", "pendingApprovalBy", "pendingBy",
    "issueHistory", "linkedIssues", "updatedBy", "watchedIssues",
)  # fmt: skip
# Functions used in Jira's filters that Otklik does not have.
NOT_SUPPORTED = (
    "breached", "cascadeOption", "closedSprints", "completed", "componentsLeadByUser", "currentLogin",
    "earliestUnreleasedVersion", "elapsed", "everBreached", "futureSprints",
    "issuesWithRemoteLinksByGlobalId", "lastLogin", "latestReleasedVersion", "linkedIssuesOf", "openSprints", "paused",
    "projectsLeadByUser", "projectsWhereUserHasPermission", "projectsWhereUserHasRole", "releasedVersions", "remaining",
    "running", "standardIssueTypes", "subtaskIssueTypes", "unreleasedVersions", "votedIssues",
    "withinCalendarHours",
)  # fmt: skip


def argument(call: Call, example: str) -> Literal:
    """Return the only argument of a call. Raises BadJql, with the example, for none or several."""
    if len(call.arguments) != 1:
        raise arguments_wrong(call, example)
    return call.arguments[0]


def arguments_wrong(call: Call, example: str) -> BadJql:
    """The error for a wrong number of arguments."""
    return BadJql(JqlRefusal.ARGUMENTS_WRONG, at=call.at, name=call.name, example=example)


def misplaced(field: str, call: Call) -> BadJql:
    """The error for a function that is unknown or does not apply to this field."""
    if call.name.lower() in {name.lower() for name in FUNCTIONS}:
        return BadJql(JqlRefusal.FUNCTION_NOT_HERE, at=call.at, word=call.name, field=field)
    return no_such_function(call)


def no_such_function(call: Call) -> BadJql:
    """The error for an unknown function, or one of Jira's that is not supported."""
    if call.name.lower() in {name.lower() for name in NOT_SUPPORTED}:
        return BadJql(JqlRefusal.NOT_SUPPORTED, at=call.at, word=f"{call.name}()")
    return unknown_function(call.name, FUNCTIONS, at=call.at)


def no_such_value(field: str, value: Literal | Call, known: list[str]) -> BadJql:
    """The error for a value that the field does not have."""
    if isinstance(value, Call):
        return misplaced(field, value)
    return unknown_value(field, value.text, known, at=value.at)
