"""What each caller may get from an address, by method: the words in which the two tables of access are written."""

from dataclasses import dataclass

from tests.security.callers import Answer

Access = tuple[Answer, Answer, Answer, Answer, Answer]
"""The answers to the five callers of a table, in its order."""

OK, ELSEWHERE, SIGN_IN, INVALID, UNKNOWN, FORBIDDEN, MISSING, NO_METHOD = Answer


@dataclass(frozen=True)
class Row:
    """The access to one route. `read` is for GET, and for HEAD; what is not given refuses the method."""

    read: Access
    head: Access | None = None
    post: Access | None = None
    put: Access | None = None
    options: Access | None = None
    rest: Access | None = None

    def by_method(self) -> dict[str, Access]:
        rest = self.rest or refused(self.read)
        own = {
            "GET": self.read,
            "HEAD": self.head or self.read,
            "POST": self.post,
            "PUT": self.put,
            "OPTIONS": self.options,
        }
        return {method: own.get(method) or rest for method in (*own, "PATCH", "DELETE")}


def refused(read: Access) -> Access:
    """Return what those get who send a method that the address does not take: after the sign-in, where there is one."""
    first, *others = (answer if answer == SIGN_IN else NO_METHOD for answer in read)
    return (first, *others)  # type: ignore[return-value]


def everybody(answer: Answer) -> Access:
    return (answer,) * 5


def any_method(access: Access) -> Row:
    """Return the row of a view that looks at no method, or takes every one but POST for GET, as Django's admin does."""
    return Row(access, rest=access)


# The people: a guest, another user, the owner, staff without rights, an admin.


def signed_in(answer: Answer) -> Access:
    return (SIGN_IN, answer, answer, answer, answer)


def guests(answer: Answer) -> Access:
    """Return access for those who have not signed in; all others are sent elsewhere."""
    return (answer, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE)


def owner(answer: Answer) -> Access:
    """Return access for the owner alone: for everybody else, admins too, there is nothing."""
    return (SIGN_IN, MISSING, answer, MISSING, MISSING)


def owner_or_staff(answer: Answer) -> Access:
    """Return access for the owner, and for everybody who is staff."""
    return (SIGN_IN, MISSING, answer, answer, answer)


def staff(answer: Answer, admin: Answer) -> Access:
    return (SIGN_IN, SIGN_IN, SIGN_IN, answer, admin)


# The programs: no key, a wrong key, another's key, the own key, the owner's session.


def with_key(answer: Answer) -> Access:
    return (UNKNOWN, UNKNOWN, answer, answer, answer)


def with_a_key(answer: Answer) -> Access:
    """Return access where a browser's session does not count."""
    return (UNKNOWN, UNKNOWN, answer, answer, UNKNOWN)


def with_own_key(answer: Answer) -> Access:
    return (UNKNOWN, UNKNOWN, MISSING, answer, answer)
