"""The certificate of a running server: exchanged when its files change, without a restart and without a gap.

A renewed pair is read into a context of its own; only if that works, new handshakes get it. Connections that are
open keep theirs.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from command.errors import Misconfigured, MusterError
from command.tls.authority import RENEW_BEFORE, not_after

_log = structlog.get_logger("command.tls")

LOOK_EVERY_S: Final = 60.0

# Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


class Certificate:
    """What a server shows. Raises Misconfigured where the files cannot be used."""

    def __init__(self, cert: Path, key: Path) -> None:
        self._cert, self._key = cert, key
        self._seen = self._stamp()
        self._now_shown, self.ends = self._load()
        self.context = _context()
        """For the listener; it stays the same for good."""
        self.context.load_cert_chain(cert, key)
        self.context.sni_callback = self._choose

    def reload(self) -> bool:
        """Read the files again. False, with a line in the log, where they cannot be used: the old pair stays."""
        self._seen = self._stamp()
        try:
            self._now_shown, self.ends = self._load()
        except Misconfigured as exc:
            _log.error("certificate not taken", error=exc.message)
            return False
        _log.info("certificate read", ends=self.ends.isoformat())
        return True

    def changed(self) -> bool:
        """Whether the files are others than at the last look."""
        return self._stamp() != self._seen

    async def watch(
        self,
        now: Callable[[], datetime],
        renew: Callable[[], None] | None = None,
        *,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Look at the files, at once and again, until cancelled; `renew`, where given, is called in the last 30 days.

        At once: a server that lay in a cupboard all winter is started with a certificate that is over.
        """
        while True:
            if self.ends - now() < RENEW_BEFORE and not self.changed():
                await asyncio.to_thread(self._renew, renew)
            if self.changed():
                self.reload()
            await asyncio.sleep(every_s)

    def _renew(self, renew: Callable[[], None] | None) -> None:
        if renew is None:
            _log.warning("certificate ends soon", ends=self.ends.isoformat())
            return
        try:
            renew()
        except MusterError as exc:
            _log.error("certificate not renewed", error=exc.message, ends=self.ends.isoformat())

    def _choose(self, shown: ssl.SSLObject, _name: str | None, _outer: ssl.SSLContext) -> None:
        shown.context = self._now_shown

    def _load(self) -> tuple[ssl.SSLContext, datetime]:
        fresh = _context()
        try:
            fresh.load_cert_chain(self._cert, self._key)
            raw = self._cert.read_bytes()
        except (OSError, ssl.SSLError) as exc:
            raise Misconfigured(
                f"expected a certificate and its key in PEM: {exc.strerror or 'they do not fit'}",
                where=str(self._cert),
            ) from None
        return fresh, not_after(raw[raw.find(b"-----BEGIN CERTIFICATE-----") :])

    def _stamp(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_stat(path) for path in (self._cert, self._key))


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _context() -> ssl.SSLContext:
    """TLS 1.2 and later, without renegotiation and compression (CJISSECPOL SC-8, ASVS 12.1.1)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    return context
