"""The aiohttp application: the table of routes behind the door, inside the shell. Nothing else is registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from command.web import (
    handlers_accounts,
    handlers_agencies,
    handlers_arrests,
    handlers_attachments,
    handlers_audit,
    handlers_credentials,
    handlers_deconflict,
    handlers_devices,
    handlers_discovery,
    handlers_export,
    handlers_field,
    handlers_files,
    handlers_held,
    handlers_incident,
    handlers_packs,
    handlers_papers,
    handlers_public,
    handlers_read,
    handlers_roles,
    handlers_session,
    handlers_sight,
    handlers_sign_in,
    handlers_uploads,
    reports,
    shell,
)
from command.web.door import Handler, Limiter, door
from command.web.limits import Places, Repeats
from command.web.routes import ROUTES
from command.web.services import Services, WebSettings
from command.web.wire import Manners, QuietRunner

HANDLERS: Final[Mapping[str, Handler]] = {
    "page": handlers_public.page,
    "announce_file": handlers_files.announce,
    "append_file": handlers_files.append,
    "sealing_key": handlers_held.sealing_key,
    "my_held": handlers_held.mine,
    "my_held_contents": handlers_held.contents,
    "claim_held": handlers_held.claim,
    "field_page": handlers_field.page,
    "field_worker": handlers_field.worker,
    "field_manifest": handlers_field.manifest,
    "asset": handlers_public.asset,
    "health": handlers_public.health,
    "metrics": handlers_public.metrics,
    "policy_report": reports.policy_report,
    "openapi": handlers_public.openapi_json,
    "vkeys": handlers_public.vkeys,
    "asyncapi": handlers_public.asyncapi_json,
    "redeem": handlers_session.redeem,
    "look": handlers_sign_in.look,
    "begin": handlers_sign_in.begin,
    "sign_in_options": handlers_sign_in.passkey_options,
    "sign_in_passkey": handlers_sign_in.passkey,
    "sign_in_password": handlers_sign_in.password,
    "oidc_start": handlers_sign_in.oidc_start,
    "oidc": handlers_sign_in.oidc,
    "set_up": handlers_sign_in.set_up,
    "lock": handlers_sign_in.lock,
    "unlock": handlers_roles.unlock,
    "choose_role": handlers_roles.choose,
    "sign_out": handlers_session.sign_out,
    "sessions": handlers_credentials.sessions,
    "draft_key": handlers_credentials.draft_key,
    "end_session": handlers_credentials.end_session,
    "credentials": handlers_credentials.credentials,
    "new_passkey_options": handlers_credentials.passkey_options,
    "add_passkey": handlers_credentials.add_passkey,
    "remove_passkey": handlers_credentials.remove_passkey,
    "offer_totp": handlers_credentials.offer_totp,
    "set_password": handlers_credentials.set_password,
    "new_recovery": handlers_credentials.new_recovery,
    "disable": handlers_accounts.disable,
    "enable": handlers_accounts.enable,
    "locks": handlers_accounts.locks,
    "release": handlers_accounts.release,
    "reset": handlers_accounts.reset,
    "identify": handlers_accounts.identify,
    "identities": handlers_accounts.identities,
    "end_identity": handlers_accounts.end_identity,
    "end_user_session": handlers_accounts.end_session,
    "agencies": handlers_agencies.agencies,
    "add_agency": handlers_agencies.add,
    "change_agency": handlers_agencies.change,
    "end_agency": handlers_agencies.end,
    "user_sessions": handlers_accounts.sessions,
    "end_sessions": handlers_accounts.end_sessions,
    "invite_display": handlers_accounts.invite_display,
    "active": handlers_session.active,
    "devices": handlers_devices.devices,
    "invite_device": handlers_devices.invite,
    "begin_enrolment": handlers_devices.begin,
    "enrol_device": handlers_devices.enrol,
    "challenge_device": handlers_devices.challenge,
    "attach": handlers_devices.attach,
    "revoke_device": handlers_devices.revoke,
    "statements": handlers_devices.statements,
    "became": handlers_devices.became,
    "held": handlers_devices.held,
    "held_places": handlers_devices.held_places,
    "held_contents": handlers_devices.held_contents,
    "decide_held": handlers_devices.decide,
    "decide_held_all": handlers_devices.decide_all,
    "me": handlers_session.me,
    "users": handlers_session.users,
    "invite": handlers_session.invite,
    "incidents": handlers_incident.incidents,
    "open_incident": handlers_incident.open_incident,
    "submit": handlers_incident.submit,
    "map_layers": handlers_incident.map_layers,
    "checkpoint": handlers_incident.checkpoint,
    "stream": handlers_incident.stream,
    "board": handlers_read.board,
    "permits": handlers_read.permits,
    "arrests": handlers_arrests.arrests,
    "arrest": handlers_arrests.arrest,
    "alike": handlers_arrests.alike,
    "arrest_steps": handlers_arrests.steps,
    "processing": handlers_arrests.processing,
    "record_pdf": handlers_papers.record_pdf,
    "discovery": handlers_discovery.discovery,
    "receipt_pdf": handlers_papers.receipt_pdf,
    "leaving_pdf": handlers_papers.leaving_pdf,
    "operation_pdf": handlers_papers.operation_pdf,
    "arrests_table": handlers_papers.arrests_table,
    "nibrs_table": handlers_papers.nibrs_table,
    "nibrs_faults": handlers_papers.nibrs_faults,
    "plan_page": handlers_read.plan_page,
    "notices": handlers_deconflict.notices,
    "keep_notice": handlers_deconflict.keep_notice,
    "end_notice": handlers_deconflict.end_notice,
    "sight": handlers_sight.sight,
    "sight_page": handlers_sight.sight_page,
    "plan_words": handlers_read.plan_words,
    "plans": handlers_packs.plans,
    "keep_packs": handlers_packs.keep_packs,
    "events": handlers_read.events,
    "audit": handlers_audit.audit,
    "incident_audit": handlers_audit.incident_audit,
    "export": handlers_export.export,
    "upload_offers": handlers_uploads.offers,
    "announce_upload": handlers_uploads.announce,
    "look_upload": handlers_uploads.look,
    "append_upload": handlers_uploads.append,
    "drop_upload": handlers_uploads.give_up,
    "attachments": handlers_attachments.attachments,
    "attachment": handlers_attachments.attachment,
    "original": handlers_attachments.original,
}

SERVICES: Final = web.AppKey("services", Services)

KEEP_ALIVE_S: Final = 75.0
MAX_LINE_BYTES: Final = 8190
SHUTDOWN_S: Final = 10.0
"""How long open requests have to end when the server stops; sockets are closed by the hub before that."""


def build_app(services: Services) -> web.Application:
    """The application. Raises KeyError where a row of the table names no handler."""
    app = web.Application(
        client_max_size=services.settings.max_body_bytes,
        middlewares=[shell.middleware(services)],
    )
    app[SERVICES] = services
    app.on_response_prepare.append(shell.signal(services))
    limiter = Limiter(services)
    for route in ROUTES:
        entered = door(route, HANDLERS[route.handler], services, limiter)
        for method in route.methods:
            app.router.add_route(method, route.path, entered)
    return app


def build_runner(app: web.Application, settings: WebSettings) -> web.AppRunner:
    """A runner that writes no access log of its own (ours holds no paths) and leaves signals to bootstrap."""
    rates = settings.rates
    places = Places(rates.connections, address=rates.connections_per_address)
    return QuietRunner(
        app,
        Manners(places, settings.head_within_s, Repeats(), settings.trusted_proxies),
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_S,
        max_line_size=MAX_LINE_BYTES,
        max_field_size=MAX_LINE_BYTES,
        shutdown_timeout=SHUTDOWN_S,
        # A compressed body is refused by its header: unpacking what is only thrown away would cost a stranger nothing.
        auto_decompress=False,
    )
