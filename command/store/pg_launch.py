"""Runs one PostgreSQL program, as a small script of its own: `python -I -S pg_launch.py MODE PARENT PROGRAM ARGS…`.

It does between fork and exec what must not be done in a threaded server's child:

1. becomes someone PostgreSQL accepts, for it refuses to run as root. MODE is
   `plain`          stay who we are;
   `userns`         enter a user namespace in which we are `nobody`: files stay ours, no account is made;
   `setuid:U:G`     become user U and group G for good;
2. asks the kernel (Linux) to send SIGINT, PostgreSQL's fast shutdown, when the server dies, however it dies;
3. becomes the program, under the same process id.

Imports nothing but the standard library, so that it starts within milliseconds.
Exit codes: 97 the mode is not possible here, 98 the parent is gone; otherwise the program's own.
"""

# Imported before the change of identity: Python's own files may be closed to whom we become.
import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
SIGINT = 2
NOBODY = 65534
CANNOT = 97
ORPHAN = 98


def _enter_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {user} 1"),
        ("gid_map", f"{NOBODY} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _become(user: int, group: int) -> None:
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def _die_with_parent(parent: int) -> None:
    # After every change of identity, because that clears it; and the parent may have died before.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(ORPHAN)


def main(argv: list[str]) -> None:
    """Become the program; returns never."""
    mode, parent, program = argv[1], int(argv[2]), argv[3]
    try:
        if mode == "userns":
            _enter_namespace()
        elif mode.startswith("setuid:"):
            _, user, group = mode.split(":")
            _become(int(user), int(group))
        if sys.platform == "linux":
            _die_with_parent(parent)
        os.execv(program, argv[3:])
    except (OSError, ValueError) as error:
        print(f"{mode}: {error}", file=sys.stderr)
        sys.exit(CANNOT)


if __name__ == "__main__":
    main(sys.argv)
