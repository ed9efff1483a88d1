"""What `muster doctor` looks at about people: administrators, agencies, locks, what is held back, what was noted.

Ids of agencies are said; nobody's name, and no account's id.
"""

from __future__ import annotations

from command.cli.patient import Check, Patient

# Whoever may sign in now, by a credential of their own.
_USABLE = """
SELECT a.person, a.agency FROM accounts a
WHERE NOT a.disabled AND (a.expires_at IS NULL OR a.expires_at > clock_timestamp())
"""
_ADMINISTRATORS = f"""
SELECT DISTINCT u.person, u.agency FROM ({_USABLE}) u JOIN grants g ON g.person = u.person
WHERE g.role = 'administrator' AND g.incident = '*' AND (g.not_before IS NULL OR g.not_before <= clock_timestamp())
  AND (g.not_after IS NULL OR g.not_after > clock_timestamp())
  AND (EXISTS (SELECT FROM passkeys k WHERE k.person = u.person AND k.revoked_at IS NULL)
    OR EXISTS (SELECT FROM passwords w WHERE w.person = u.person AND w.revoked_at IS NULL)
    OR EXISTS (SELECT FROM identities i WHERE i.person = u.person AND i.ended_at IS NULL))
"""


async def administrators(p: Patient) -> Check:
    """Whether anyone can administer, and each agency of ours has someone of its own.

    An agency that helps under an agreement is administered by whoever asked it for help.
    """
    if not await p.app.fetchval("SELECT EXISTS (SELECT FROM accounts)"):
        return Check("administrators", "ok", "there is no account yet: the set-up code makes the first administrator")
    count = await p.app.fetchval(f"SELECT count(DISTINCT person) FROM ({_ADMINISTRATORS}) d")
    if not count:
        return Check("administrators", "warn", "no administrator can sign in: muster user invite, or reset")
    without = await p.app.fetch(
        f"""
        SELECT DISTINCT u.agency FROM ({_USABLE}) u LEFT JOIN agencies o ON o.id = u.agency
        WHERE coalesce(o.agreement, '') = '' AND u.agency NOT IN (SELECT d.agency FROM ({_ADMINISTRATORS}) d)
          AND EXISTS (SELECT FROM grants g WHERE g.person = u.person AND g.role <> 'display')
        ORDER BY 1
        """
    )
    if without:
        names = ", ".join(row["agency"] for row in without)
        return Check("administrators", "warn", f"no administrator of its own, and no agreement: {names}")
    if count == 1:
        return Check("administrators", "warn", "only one: if they are away, nobody can let anyone in")
    return Check("administrators", "ok", f"{count} can sign in")


async def agencies(p: Patient) -> Check:
    """Agencies that accounts name, against the register."""
    known = await p.app.fetchval("SELECT count(*) FROM agencies WHERE ended_at IS NULL OR ended_at > clock_timestamp()")
    if not known:
        return Check("agencies", "ok", "none yet: any agency name is accepted (muster agency add)")
    rows = await p.app.fetch(
        f"""
        SELECT DISTINCT u.agency, o.id IS NULL AS unknown FROM ({_USABLE}) u LEFT JOIN agencies o ON o.id = u.agency
        WHERE o.id IS NULL OR o.ended_at <= clock_timestamp() ORDER BY 1
        """
    )
    late = await p.app.fetch(
        "SELECT id FROM agencies WHERE agreement_until <= clock_timestamp()"
        " AND (ended_at IS NULL OR ended_at > clock_timestamp()) ORDER BY 1"
    )
    said = [f"{row['agency']} is not in the list of agencies" for row in rows if row["unknown"]]
    said += [
        f"{row['agency']} has ended, but has accounts that can still sign in" for row in rows if not row["unknown"]
    ]
    said += [f"the agreement of {row['id']} has expired" for row in late]
    return Check("agencies", "warn" if said else "ok", "; ".join(said) or f"{known} in force")


async def locks(p: Patient) -> Check:
    """Accounts whose password wrong tries have shut."""
    count = await p.app.fetchval("SELECT count(DISTINCT key) FROM locks WHERE left(key, 1) <> '?'")
    if count:
        return Check(
            "locked accounts", "warn", f"{count} locked after wrong tries: muster user locks, muster user release"
        )
    return Check("locked accounts", "ok", "none")


async def quarantine(p: Patient) -> Check:
    """Records that devices sent and nobody has decided on: each may be a person in custody whom no board shows."""
    count, oldest = await p.app.fetchrow("SELECT count(*), min(received_at) FROM quarantine WHERE outcome IS NULL") or (
        0,
        None,
    )
    if count:
        said = f"{count} wait for a decision, the oldest since {oldest:%Y-%m-%d %H:%M} UTC: muster device quarantine"
        return Check("quarantine", "warn", said)
    return Check("quarantine", "ok", "no record is held back")


async def changes(p: Patient) -> Check:
    """Whether accounts, grants, agencies and devices are as the trail says that they became."""
    other = await p.app.fetch("SELECT kind, count(*) AS n FROM not_as_noted() GROUP BY kind ORDER BY kind")
    if other:
        named = ", ".join(f"{row['n']} of kind {row['kind']}" for row in other)
        return Check(
            "changes",
            "fail",
            f"rows differ from the last note of them, so they were changed past the triggers: {named}",
        )
    silent = await p.app.fetchval("SELECT count(*) FROM changes WHERE audit IS NULL")
    if silent:
        return Check("changes", "warn", f"{silent} have no entry in the audit trail: made in the database by hand")
    count = await p.app.fetchval("SELECT count(*) FROM changes")
    return Check("changes", "ok", f"{count} noted, each with its entry")
