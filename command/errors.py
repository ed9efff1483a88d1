"""The exception tree, whole:

MusterError
├── Unreadable            400  the input is not of the form asked for
│   ├── TooLarge          413  over a stated limit
│   ├── WrongChecksum     460  the bytes are not those that were announced; nothing of them was kept
│   └── WrongVersion      412  another version of a protocol than ours
├── NotSignedIn           401  no session, or one that has ended
│   └── SessionLocked     401  the session waits for the person to prove themselves again
├── Denied                403  access does not allow it (an audit entry was written)
│   ├── StepUpNeeded      403  allowed, once the person has proved themselves again
│   ├── EnrolFirst        403  allowed, once the person has a credential of their own
│   └── TriesUsedUp       403  too many wrong tries; an administrator releases it
├── NotFound              404  no such thing, or not for you
├── Conflict              409  this id was used for something else
│   └── WrongOffset       409  the upload is elsewhere; ask where, and go on from there
├── Busy                  429  a rate or queue limit; try again after `retry_after_s`
├── Unavailable           503  the record cannot be kept right now; nothing was done
│   └── Untraceable       503  the audit trail cannot be written, so the act was not done
├── Misconfigured              a setting or the environment is not fit to start with
└── Corrupt                    stored bytes do not agree with their proof

A refusal by the plan is not an error: it is an answer (`policy.decision.Decision`).
Messages are lower case and give what was expected, what came, and for what.
"""

from __future__ import annotations


class MusterError(Exception):
    """Base of all errors with a stable code. `code` is for programs, the message for people.

    `within` is what lies below, for logs and whoever runs the server: it is in the message, and not in `told`, which
    is what goes out to clients.
    """

    code = "error"
    status = 500

    def __init__(self, message: str, *, where: str = "", within: str = "") -> None:
        self.told = message
        self.message = f"{message}: {within}" if within else message
        self.where = where
        super().__init__(self.message)


class Unreadable(MusterError):
    """The input is not of the form asked for; `where` names the place in it."""

    code = "unreadable"
    status = 400


class TooLarge(Unreadable):
    """The input is over a stated limit."""

    code = "too-large"
    status = 413


class WrongChecksum(Unreadable):
    """The bytes are not those that were announced (tus 1.0, Checksum); nothing of them was kept."""

    code = "wrong-checksum"
    status = 460


class WrongVersion(Unreadable):
    """Another version of a protocol than ours (tus 1.0: Tus-Resumable)."""

    code = "wrong-version"
    status = 412


class NotSignedIn(MusterError):
    """There is no session, or it has ended."""

    code = "not-signed-in"
    status = 401


class Denied(MusterError):
    """Access does not allow it. The attempt is in the audit trail."""

    code = "denied"
    status = 403


class SessionLocked(NotSignedIn):
    """The session is locked: idle too long, or put away by hand. Signing in as the same person opens it again."""

    code = "locked"


class StepUpNeeded(Denied):
    """Allowed, once the person has proved themselves again within the last minutes."""

    code = "step-up"


class EnrolFirst(Denied):
    """Allowed, once the person has set up a credential of their own."""

    code = "enrol-first"


class TriesUsedUp(Denied):
    """Too many wrong tries for this account from here; an administrator releases it. A passkey still works."""

    code = "tries-used-up"


class NotFound(MusterError):
    """No such thing, or not for you: the two look the same from outside."""

    code = "not-found"
    status = 404


class Conflict(MusterError):
    """This id was used for something else."""

    code = "conflict"
    status = 409


class WrongOffset(Conflict):
    """The upload is at another offset: someone else went on with it, or an answer was lost. Ask, and go on from there."""

    code = "wrong-offset"


class Busy(MusterError):
    """A rate or queue limit was reached."""

    code = "busy"
    status = 429

    def __init__(self, message: str, *, where: str = "", retry_after_s: float = 1.0) -> None:
        super().__init__(message, where=where)
        self.retry_after_s = retry_after_s


class Unavailable(MusterError):
    """The record cannot be kept right now; nothing was done."""

    code = "unavailable"
    status = 503


class Untraceable(Unavailable):
    """The audit trail cannot be written: no audit, no act. To a client it is `unavailable`; the metrics tell them apart."""


class Misconfigured(MusterError):
    """A setting, or the environment, is not fit to start with."""

    code = "misconfigured"


class Corrupt(MusterError):
    """Stored bytes do not agree with their proof."""

    code = "corrupt"
