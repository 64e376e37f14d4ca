"""Authentication backend that loads the logged-in user by a prepared statement (ADR 106)."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from otklik.core.fast_reads import fast_read
from otklik.people.models import Person


class LoginBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's authentication backend with a faster `get_user`."""

    def get_user(self, user_id: int | str) -> Person | None:
        """Return the person with this id, None if unknown or inactive."""
        people = _person(person=int(user_id))
        return people[0] if people and self.user_can_authenticate(people[0]) else None


@fast_read("person")
def _person(*, person: int) -> QuerySet[Person]:
    return Person.objects.filter(pk=person)
