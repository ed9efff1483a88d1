"""The page from which devices on a closed network take our authority: fingerprint, QR, files, steps. Pure."""

from __future__ import annotations

import hashlib
import html
import plistlib
import uuid
from typing import Final

from command.tls.authority import der, fingerprint, names_of_authority, not_after

PATH: Final = "/install"

FILES: Final = {
    "/install/muster-authority.crt": "application/x-x509-ca-cert",
    "/install/muster-authority.pem": "application/x-pem-file",
    "/install/muster.mobileconfig": "application/x-apple-aspen-config",
}
"""What devices fetch, with the media type by which each platform knows it."""

_STEPS: Final = (
    (
        "iPad and iPhone",
        (
            "In Safari, open the profile below and choose Allow.",
            "Settings, General, VPN and Device Management: open the Muster profile, compare the fingerprint, Install.",
            "Settings, General, About, Certificate Trust Settings: turn Muster's authority on.",
        ),
        "/install/muster.mobileconfig",
        "Profile for iPad and iPhone",
    ),
    (
        "Android",
        (
            "Download the certificate below.",
            "Settings, search for “CA certificate”, Install anyway, choose the file.",
            "Security settings, Trusted credentials, User: open it and compare the fingerprint.",
        ),
        "/install/muster-authority.crt",
        "Certificate",
    ),
    (
        "Windows",
        (
            "Download the certificate below and compare: certutil -hashfile muster-authority.crt SHA256",
            "Open it. (Its Details show a SHA-1 thumbprint, which is another number.)",
            "Install Certificate, Local Machine, place it in Trusted Root Certification Authorities.",
        ),
        "/install/muster-authority.crt",
        "Certificate",
    ),
    (
        "macOS",
        (
            "Download the certificate below and open it in Keychain Access, keychain System.",
            "Open it there, compare the SHA-256 fingerprint, and set Trust to Always Trust for SSL.",
        ),
        "/install/muster-authority.crt",
        "Certificate",
    ),
    (
        "Linux",
        (
            "Compare: openssl x509 -in muster-authority.pem -noout -fingerprint -sha256",
            "Chromium: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Muster -i muster-authority.pem",
            "Firefox: Settings, Certificates, Authorities, Import.",
        ),
        "/install/muster-authority.pem",
        "Certificate (PEM)",
    ),
)

_STYLE: Final = """
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }
body { max-width: 42rem; margin: 0 auto; padding: 1rem; }
code.print { display: block; font: 1.25rem/1.7 ui-monospace, monospace; word-spacing: .25em; border: 2px solid; padding: .75rem; }
img { background: #fff; max-width: 100%; height: auto; }
a.go { display: inline-block; padding: .75rem 1rem; border: 2px solid; border-radius: .5rem; }
summary { font-weight: 600; padding: .75rem 0; cursor: pointer; }
"""


def page(authority: bytes, https: str, install: str, nonce: str) -> bytes:
    """The whole page. `https` is where Muster is, `install` this page's own address, `nonce` allows the one style."""
    steps = "".join(_platform(*one) for one in _STEPS)
    names = ", ".join(names_of_authority(authority))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Set up this device for Muster</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="{html.escape(nonce)}">{_STYLE}</style>
</head>
<body>
<main>
<h1>Set up this device for Muster</h1>
<p>This network's Muster proves who it is by a certificate authority of its own. Install it once on each device.</p>
<h2>1. Compare</h2>
<p>These 16 groups must be the same as on the server's own screen (<code>muster tls show</code>) or on paper from the
person who runs it. If one digit differs, stop and call them: someone may be between you and the server.</p>
<code class="print">{html.escape(fingerprint(authority))}</code>
<p>SHA-256. Good until {not_after(authority):%Y-%m-%d}, and only for {html.escape(names)}.</p>
<h2>2. Install</h2>
{steps}
<h2>3. Open</h2>
<p>A tablet that officers carry: <a class="go" href="{html.escape(https)}/field/">{html.escape(https)}/field/</a></p>
<p>On an iPad add that page to the home screen (Share, Add to Home Screen) <strong>before</strong> you enrol it, and open it
from there alone: what Safari keeps and what the home screen's app keeps are two things.</p>
<p>Any other screen: <a class="go" href="{html.escape(https)}/">{html.escape(https)}</a></p>
<h2>The next device</h2>
<p><img src="/install/qr.svg" width="240" height="240" alt="QR code of {html.escape(install)}"></p>
<p>{html.escape(install)}</p>
</main>
</body>
</html>
""".encode()


def mobileconfig(authority: bytes) -> bytes:
    """The authority as a configuration profile for iPadOS and iOS (Apple's Configuration Profile Reference).

    The ids are made of the certificate, so that installing it again replaces it.
    """
    content = der(authority)
    digest = hashlib.sha256(content).digest()
    inner = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": "org.muster.authority.root",
        "PayloadUUID": str(uuid.UUID(bytes=digest[:16], version=4)),
        "PayloadDisplayName": "Muster's certificate authority",
        "PayloadCertificateFileName": "muster-authority.crt",
        "PayloadContent": content,
    }
    outer = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": "org.muster.authority",
        "PayloadUUID": str(uuid.UUID(bytes=digest[16:], version=4)),
        "PayloadDisplayName": "Muster",
        "PayloadDescription": f"SHA-256 {fingerprint(authority)}",
        "PayloadContent": [inner],
    }
    return plistlib.dumps(outer)


def _platform(name: str, steps: tuple[str, ...], file: str, says: str) -> str:
    listed = "".join(f"<li>{html.escape(one)}</li>" for one in steps)
    return (
        f"<details><summary>{html.escape(name)}</summary><ol>{listed}</ol>"
        f'<p><a class="go" href="{file}" download>{html.escape(says)}</a></p></details>\n'
    )
