"""`muster tls`: an authority for a closed network, its server certificate, and what devices compare."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import segno

from command.cli.parser import EXIT_OK
from command.cli.serve import settings_of
from command.clock import utc_now
from command.config import Settings
from command.tls import files
from command.tls.authority import fingerprint, names_of, names_of_authority, not_after
from command.web.installer import PATH

INSTALL_PORT = 8080  # what is proposed where the settings name none


def init_arguments(parser: argparse.ArgumentParser) -> None:
    """Whom the certificate is for."""
    parser.add_argument(
        "hosts", nargs="+", metavar="HOST", help="a host name or IP address of this server; the first is used in links"
    )
    parser.add_argument(
        "--network", action="append", default=[], metavar="CIDR",
        help="a network within which the server may get another address later, as 10.1.0.0/16",
    )  # fmt: skip
    parser.add_argument("--again", action="store_true", help="replace the authority; every device must install it anew")


async def init(args: argparse.Namespace) -> int:
    """Make the authority and the server's certificate."""
    settings = settings_of(args)
    place = files.place_of(settings.data)
    files.init(place, args.hosts, args.network, utc_now(), again=args.again)
    _tell(place)
    serve = (
        "" if settings.tls and settings.http_port else f" --tls --host 0.0.0.0 --http-port {_install_port(settings)}"
    )
    sys.stdout.write(
        f"\nserve with:    muster serve{serve}\n"
        f"devices open:  {_install_url(place, _install_port(settings))}\n"
        f"{place.ca_key} can impersonate this server to every device that trusts it. You can keep it in a safe instead;\n"
        "while it is here, the server renews its certificate by itself.\n"
    )
    return EXIT_OK


def renew_arguments(parser: argparse.ArgumentParser) -> None:
    """Other names, and a key that is kept elsewhere."""
    parser.add_argument(
        "hosts", nargs="*", metavar="HOST", help="other names or addresses, within what the authority was made for"
    )
    parser.add_argument("--ca-key", type=Path, metavar="FILE", help="the authority's key, where it is not kept here")


async def renew(args: argparse.Namespace) -> int:
    """A fresh certificate from the same authority. A running server takes it within a minute, or at once on SIGHUP."""
    place = files.place_of(settings_of(args).data)
    files.renew(place, utc_now(), args.hosts, args.ca_key)
    _tell(place)
    return EXIT_OK


def show_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the installer is reached."""
    parser.add_argument(
        "--install-port", type=int, metavar="PORT", help="the port of --http-port, where the settings do not say it"
    )


async def show(args: argparse.Namespace) -> int:
    """What people compare with their device, and a QR code that leads there."""
    settings = settings_of(args)
    place = files.place_of(settings.data)
    _tell(place)
    url = _install_url(place, args.install_port or _install_port(settings))
    sys.stdout.write(f"\ndevices open:  {url}\n\n")
    segno.make(url, error="m", micro=False).terminal(out=sys.stdout, compact=True)
    return EXIT_OK


def _install_port(settings: Settings) -> int:
    return settings.http_port or INSTALL_PORT


def _install_url(place: files.Place, port: int) -> str:
    return f"http://{names_of(files.server_cert(place)).all[0]}" + ("" if port == 80 else f":{port}") + PATH


def _tell(place: files.Place) -> None:
    authority, server = files.ca_cert(place), files.server_cert(place)
    groups = fingerprint(authority).split()
    sys.stdout.write(
        f"authority:     {place.ca_cert}, until {not_after(authority):%Y-%m-%d}, "
        f"for {', '.join(names_of_authority(authority))}\n"
        f"SHA-256:       {' '.join(groups[:8])}\n               {' '.join(groups[8:])}\n"
        f"certificate:   {', '.join(names_of(server).all)}, until {not_after(server):%Y-%m-%d}\n"
    )
