"""What is remembered of a command's bytes, so that the same bytes get the first answer and others are a conflict.

Commands hold private values: a name, a birth date, a yes or no about a person. A plain digest of such bytes, which lies in
the table of commands for good, would let whoever takes that table try values until one fits; and it would go on doing so
after the value itself was expunged. So the digest is keyed, with a key of the log's own in the key store, which is another
database with backups of its own:

    1 ‖ HMAC-SHA-256(key, SHA-256(bytes))

The inner digest is what was kept before there was a key, so that older rows can be keyed without their commands
(`command.store.command_keys`); the leading byte tells the two apart.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final

KEY_OF: Final = "~commands"
"""In the place of a subject, in the key store; no subject is called so, since ids begin with a letter or a digit."""

KEYED: Final = b"\1"


def keyed(key: bytes, plain: bytes) -> bytes:
    """The digest to remember, from the SHA-256 of the bytes."""
    return KEYED + hmac.digest(key, plain, "sha256")


def digest_of(key: bytes, received: bytes) -> bytes:
    """The digest to remember of received bytes."""
    return keyed(key, sha256(received).digest())
