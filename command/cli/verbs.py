"""The commands of the program, in the order in which people meet them."""

from __future__ import annotations

import argparse

from command.cli import accounts, data, demo, incident, people, plan, protocol, serve, tls, trail
from command.cli.parser import Verb, json_flag


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """A command without arguments of its own."""


VERBS: tuple[Verb, ...] = (
    Verb(("demo",), "play May Day 2016 in Seattle on a throw-away server", "muster demo", demo.arguments, demo.demo),
    Verb(("serve",), "run the server", "muster serve --data /var/lib/muster", _nothing, serve.serve),
    Verb(
        ("incident", "open"),
        "open an incident at the plan's lowest level",
        'muster incident open "City Hall march" --agency spd --agency-name "Seattle Police" --commander lopez '
        '--commander-name "A. Lopez" --commander-rank captain --training incident-command --training crowd-management '
        "--time-zone America/Los_Angeles",
        incident.open_arguments,
        incident.open_incident,
    ),
    Verb(
        ("incident", "send"),
        "send commands in someone's name, through the same gate",
        "muster incident send 0198… command.json --person lopez --agency spd",
        incident.send_arguments,
        incident.send,
    ),
    Verb(
        ("incident", "plan"),
        "show which plans bound an incident, or put another one in force through the gate",
        "muster incident plan change 0198… --pack us-il/force-and-citation.toml --pack our-plan-2.toml "
        '--reason "the court enjoined part of it" --clause "plan § 12" --person chief-hill --agency spd',
        plan.arguments,
        plan.plan,
    ),
    Verb(("incident", "list"), "list incidents", "muster incident list --json", json_flag, incident.list_incidents),
    Verb(
        ("user", "invite"),
        "give someone a role, and a link that lets them set up a credential, once",
        'muster user invite lopez --name "A. Lopez" --agency spd --rank captain --role commander',
        people.invite_arguments,
        people.invite,
    ),
    Verb(("user", "list"), "list accounts and their roles", "muster user list", json_flag, people.list_users),
    Verb(
        ("user", "setup"),
        "print a code that makes the first administrator",
        "muster user setup",
        json_flag,
        accounts.set_up,
    ),
    Verb(
        ("user", "disable"),
        "shut an account at once",
        "muster user disable lopez",
        accounts.person_argument,
        accounts.disable,
    ),
    Verb(
        ("user", "enable"),
        "let an account sign in again",
        "muster user enable lopez --hours 72",
        accounts.enable_arguments,
        accounts.enable,
    ),
    Verb(("user", "locks"), "list accounts that wrong tries have shut", "muster user locks", json_flag, accounts.locks),
    Verb(
        ("user", "release"),
        "open what wrong tries have shut",
        "muster user release lopez",
        accounts.person_argument,
        accounts.release,
    ),
    Verb(
        ("user", "reset"),
        "end all credentials of someone who lost them, and make a link for new ones",
        "muster user reset lopez",
        accounts.person_argument,
        accounts.reset,
    ),
    Verb(
        ("user", "identify"),
        "say what an agency's own sign-in calls someone",
        "muster user identify lopez --oidc providers.toml --provider county --subject 00u1a2b3c4",
        accounts.identify_arguments,
        accounts.identify,
    ),
    Verb(
        ("user", "display"),
        "make a browser a display on the wall",
        'muster user display wall-1 --name "Command post, left" --agency spd --incident 0198…',
        accounts.display_arguments,
        accounts.display,
    ),
    Verb(
        ("session", "list"),
        "list someone's open sessions",
        "muster session list lopez",
        accounts.person_argument,
        accounts.list_sessions,
    ),
    Verb(
        ("session", "end"),
        "end someone's sessions",
        "muster session end lopez",
        accounts.end_arguments,
        accounts.end_sessions,
    ),
    Verb(
        ("audit",),
        "look through the audit trail; whoever looks is on it",
        "muster audit --who lopez --action incident.export --since 2026-05-01T00:00Z --json",
        trail.arguments,
        trail.audit,
    ),
    Verb(
        ("tls", "init"),
        "make a certificate authority for a closed network, and this server's certificate",
        "muster tls init muster.local 10.1.2.3 --network 10.1.0.0/16",
        tls.init_arguments,
        tls.init,
    ),
    Verb(
        ("tls", "renew"),
        "a fresh certificate from the same authority, while the server runs",
        "muster tls renew",
        tls.renew_arguments,
        tls.renew,
    ),
    Verb(
        ("tls", "show"),
        "the authority's fingerprint to compare, and a QR code for devices",
        "muster tls show",
        tls.show_arguments,
        tls.show,
    ),
    Verb(
        ("import",),
        "bring external records into an incident, every row accounted for",
        "muster import force.csv --mapping seattle --incident 0198… --day 2016-05-01 --dry-run",
        data.import_arguments,
        data.import_records,
    ),
    Verb(
        ("verify",),
        "recompute a log and say whether it is whole",
        "muster verify 0198…",
        data.incident_argument,
        data.verify,
    ),
    Verb(("export",), "write a log as NDJSON", "muster export 0198… > log.ndjson", data.export_arguments, data.export),
    Verb(
        ("tail",),
        "follow an incident as it happens",
        "muster tail 0198… --url http://localhost:8765 --link http://localhost:8765/link#…",
        data.tail_arguments,
        data.tail,
        settings=False,
    ),
    Verb(
        ("protocol", "check"),
        "check rule packs",
        "muster protocol check our-plan.toml",
        protocol.check_arguments,
        protocol.check,
        settings=False,
    ),
    Verb(
        ("protocol", "list"),
        "list the rule packs that come with Muster",
        "muster protocol list",
        json_flag,
        protocol.list_packs,
        settings=False,
    ),
    Verb(
        ("protocol", "test"),
        "judge the cases beside the rules",
        "muster protocol test",
        protocol.test_arguments,
        protocol.test,
        settings=False,
    ),
    Verb(
        ("protocol", "show"),
        "the plan as a page that people read",
        "muster protocol show us-il/force-and-citation.toml model/muster-model.toml --html > plan.html",
        protocol.show_arguments,
        protocol.show,
        settings=False,
    ),
    Verb(
        ("protocol", "new"),
        "draw up a local plan from the model by questions",
        "muster protocol new --questions > answers.toml && muster protocol new --answers answers.toml --out our-plan.toml",
        protocol.new_arguments,
        protocol.new,
        settings=False,
    ),
    Verb(
        ("protocol", "schema"),
        "the grammar of rule packs as JSON Schema, for editors",
        "muster protocol schema > pack.schema.json",
        json_flag,
        protocol.schema,
        settings=False,
    ),
)
