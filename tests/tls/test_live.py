"""The certificate of a running server, asked by OpenSSL's client."""

from __future__ import annotations

import asyncio
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from command.errors import Misconfigured
from command.tls import files
from command.tls.live import Certificate

NOW = datetime.now(UTC)


@pytest.fixture
def place(tmp_path: Path) -> files.Place:
    """An authority for this machine."""
    found = files.place_of(tmp_path)
    files.init(found, ["localhost", "127.0.0.1"], [], NOW)
    return found


@asynccontextmanager
async def serving(certificate: Certificate) -> AsyncIterator[int]:
    """A server that says one line; its port."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"here\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0, ssl=certificate.context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def probe(
    port: int, place: files.Place, name: str = "localhost", version: ssl.TLSVersion | None = None
) -> tuple[int, str]:
    """A handshake as a client that trusts our authority alone: (serial number, version)."""
    context = ssl.create_default_context(cafile=str(place.ca_cert))
    if version is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that these versions are old is the point
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", port), 30) as plain,
        context.wrap_socket(plain, server_hostname=name) as tls,
    ):
        shown = tls.getpeercert(binary_form=True)
        assert shown is not None
        return x509.load_der_x509_certificate(shown).serial_number, tls.version() or ""


def serial(place: files.Place) -> int:
    """Of the certificate on disk."""
    return x509.load_pem_x509_certificate(files.server_cert(place)).serial_number


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_what_is_older_than_1_2_is_refused(place: files.Place, version: ssl.TLSVersion) -> None:
    async with serving(Certificate(place.server, place.server)) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.to_thread(probe, port, place, version=version)


@pytest.mark.parametrize(
    ("version", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")]
)
async def test_1_2_and_1_3_are_spoken(place: files.Place, version: ssl.TLSVersion, name: str) -> None:
    async with serving(Certificate(place.server, place.server)) as port:
        assert await asyncio.to_thread(probe, port, place, version=version) == (serial(place), name)


async def test_a_host_that_it_is_not_for_is_not_believed(place: files.Place) -> None:
    async with serving(Certificate(place.server, place.server)) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(probe, port, place, "bank.example")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
async def test_a_renewed_certificate_is_shown_without_a_restart(place: files.Place, name: str) -> None:
    """To clients that name the host and to those that only know its address."""
    certificate = Certificate(place.server, place.server)
    async with serving(certificate) as port:
        first = await asyncio.to_thread(probe, port, place, name)
        files.renew(place, NOW)
        assert certificate.changed()
        assert (await asyncio.to_thread(probe, port, place, name)) == first
        assert certificate.reload()
        assert not certificate.changed()
        assert (await asyncio.to_thread(probe, port, place, name))[0] == serial(place) != first[0]


async def test_files_that_do_not_fit_change_nothing(place: files.Place) -> None:
    certificate = Certificate(place.server, place.server)
    was = serial(place)
    place.server.write_text("half a file")
    assert not certificate.reload()
    async with serving(certificate) as port:
        assert (await asyncio.to_thread(probe, port, place))[0] == was
    place.server.unlink()
    assert not certificate.reload()


async def test_whoever_watches_takes_a_change_and_renews_in_the_last_month(place: files.Place) -> None:
    """First a file that someone else renewed; then, a year on, by itself, and only then."""
    certificate = Certificate(place.server, place.server)
    clock = [NOW]
    renewed: list[datetime] = []

    def renew() -> None:
        renewed.append(clock[0])
        files.renew(place, clock[0])

    watch = asyncio.create_task(certificate.watch(lambda: clock[0], renew, every_s=0.01), name="watch")
    try:
        files.renew(place, NOW + timedelta(days=100))
        async with asyncio.timeout(60):
            while certificate.changed() or certificate.ends < NOW + timedelta(days=400):
                await asyncio.sleep(0.01)
        assert renewed == []
        clock[0] = NOW + timedelta(days=490)
        async with asyncio.timeout(60):
            while certificate.ends < clock[0] + timedelta(days=300):
                await asyncio.sleep(0.01)
        assert renewed == [clock[0]]
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def test_a_server_that_starts_with_a_certificate_that_is_over_renews_at_once(place: files.Place) -> None:
    """After a winter in the cupboard nobody waits for the next look."""
    certificate, late = Certificate(place.server, place.server), NOW + timedelta(days=500)
    assert certificate.ends < late
    watch = asyncio.create_task(certificate.watch(lambda: late, lambda: files.renew(place, late)), name="watch")
    async with asyncio.timeout(60):
        while certificate.ends < late:
            await asyncio.sleep(0.01)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)


async def test_a_renewal_that_cannot_be_made_goes_on_with_the_old_one(place: files.Place) -> None:
    certificate = Certificate(place.server, place.server)
    tried = asyncio.Event()

    def renew() -> None:
        loop.call_soon_threadsafe(tried.set)
        raise Misconfigured("the key is in the safe")

    loop = asyncio.get_running_loop()
    watch = asyncio.create_task(certificate.watch(lambda: certificate.ends, renew, every_s=0.01), name="watch")
    async with asyncio.timeout(60):
        await tried.wait()
    assert not watch.done()
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    async with serving(certificate) as port:
        assert (await asyncio.to_thread(probe, port, place))[0] == serial(place)


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    with pytest.raises(Misconfigured, match="certificate and its key in PEM"):
        Certificate(tmp_path / "x.pem", tmp_path / "x.pem")
