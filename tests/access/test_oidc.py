"""An agency's own sign-in against a provider that lies in every way that a token can."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from msgspec.structs import replace

from command.access.audit import entry
from command.access.memory import MemoryAccess
from command.access.memory_credentials import MemoryCredentials
from command.access.oidc import KEYS_AGAIN_AFTER, LEEWAY, OidcClient, Provider
from command.access.sessions import new_session, new_token
from command.access.signin import At, Settings, SignIn
from command.errors import Denied, Misconfigured, NotFound, Unavailable
from tests.access.contract import ADMIN, ANNA, NOW, S

ISSUER = "https://id.county.example"
HERE = Provider("county", "County", ISSUER, "muster", "s3cret", acr=("urn:mfa",), amr=("mfa", "hwk"))
DESK = b"d" * 32
AT = At(DESK, "10.0.0.1", "https://muster.example", NOW)
SIGNING = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1"})


class Lying:
    """A provider. `lies` change claims (None takes one away); the rest says how it signs and what it publishes."""

    def __init__(self, **lies: Any) -> None:
        self.lies = lies
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.key: Any = SIGNING
        self.keys: list[Any] = [SIGNING.as_dict(private=False)]
        self.issuer = ISSUER
        self.elsewhere: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        self.codes: set[str] = set()
        self.key_requests = 0
        self.now = NOW
        self.token: str | None = None

    async def get(self, url: str) -> bytes:
        """Its description, or its keys."""
        if url.endswith("/.well-known/openid-configuration"):
            found = {"issuer": self.issuer, "authorization_endpoint": f"{ISSUER}/auth",
                     "token_endpoint": f"{ISSUER}/token", "jwks_uri": f"{ISSUER}/jwks", **self.elsewhere}  # fmt: skip
            return json.dumps(found).encode()
        self.key_requests += 1
        return json.dumps({"keys": self.keys}).encode()

    async def post(self, url: str, form: Mapping[str, str], basic: tuple[str, str] | None) -> tuple[int, bytes]:
        """A token for a code that is good once, with the right verifier."""
        assert basic == ("muster", "s3cret")
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        )
        if form["code"] not in self.codes or challenge != self.asked["code_challenge"]:
            return 400, b'{"error":"invalid_grant"}'
        self.codes.remove(form["code"])
        return 200, json.dumps({"id_token": self.token or self.signed()}).encode()

    def signed(self) -> str:
        """The token."""
        at = self.now.timestamp()
        claims: dict[str, Any] = {
            "iss": ISSUER, "sub": "sub-anna", "aud": "muster", "exp": at + 300, "iat": at, "nonce": self.asked["nonce"],
            "amr": ["pwd", "mfa"], "auth_time": at,
        }  # fmt: skip
        claims = {name: value for name, value in (claims | self.lies).items() if value is not None}
        return jwt.encode(self.header, claims, self.key, algorithms=["RS256", "ES256", "HS256", "PS256"])


class Scene:
    """Anna, known to the county as sub-anna, and a provider."""

    def __init__(self, web: Lying, provider: Provider = HERE) -> None:
        access = MemoryAccess(lambda row: None)
        access.accounts_by_id["anna"] = ANNA
        self.store = MemoryCredentials(access, lambda row: None)
        self.sign_in = SignIn(self.store, access, Settings(key=b"k" * 32))
        self.client = OidcClient(self.sign_in, (provider,), web)
        self.web = web

    async def known(self) -> Scene:
        """An administrator has said who sub-anna is."""
        row = entry(ADMIN, "user.identify", "anna", "ok", NOW, source="cli")
        await self.store.identify(ISSUER, "sub-anna", "anna", NOW, row)
        return self

    async def start(self, at: At = AT) -> str:
        """Begin; returns the state."""
        flow, _ = await self.sign_in.begin(at, self.sign_in.settings.banner_id)
        url = await self.client.start(at, flow, "county", keep_other=False)
        assert url.startswith(f"{ISSUER}/auth?")
        self.web.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.web.codes.add("code-1")
        return self.web.asked["state"]


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:5432/", "https://localhost/metrics", "http://[::1]/", "http://169.254.169.254/latest",
        "file:///etc/passwd", "ftp://id.county.example/x", "https://", "https://[", "/jwks", "",
    ],
)  # fmt: skip
async def test_a_provider_cannot_send_this_server_elsewhere(name: str, url: str) -> None:
    """To its own machine, by another protocol, or in the clear; and nothing was asked there."""
    web = Lying()
    web.elsewhere = {name: url}
    scene = await Scene(web).known()
    with pytest.raises(Unavailable, match="its own"):
        await scene.start()
    assert web.key_requests == 0


async def test_a_provider_that_does_not_answer_keeps_no_other_waiting() -> None:
    """Whoever begins there waits alone."""

    class Slow(Lying):
        async def get(self, url: str) -> bytes:
            if "slow" in url:
                await asyncio.Event().wait()
            return await super().get(url)

    scene = await Scene(Slow()).known()
    slow = replace(HERE, id="slow", issuer="https://slow.example")
    scene.client = OidcClient(scene.sign_in, (HERE, slow), scene.web)
    flow, _ = await scene.sign_in.begin(AT, scene.sign_in.settings.banner_id)
    waiting = asyncio.create_task(scene.client.start(AT, flow, "slow", keep_other=False), name="waiting")
    async with asyncio.timeout(60):
        await scene.start()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_token_that_is_right_signs_in_whom_the_administrator_named() -> None:
    """With PKCE, state and nonce; the session says how and when it was proved."""
    scene = await Scene(Lying()).known()
    state = await scene.start()
    asked = scene.web.asked
    assert (asked["response_type"], asked["code_challenge_method"], asked["redirect_uri"]) == (
        "code", "S256", "https://muster.example/oidc",
    )  # fmt: skip
    assert asked["state"] != asked["nonce"]
    opened, keep = await scene.client.finish(AT, state, "code-1")
    assert (opened.session.person, opened.session.assurance, opened.session.verified_at) == ("anna", "oidc", NOW)
    assert keep is False


async def test_nobody_is_made_by_a_token() -> None:
    """However good it is."""
    scene = Scene(Lying())
    state = await scene.start()
    with pytest.raises(Denied):
        await scene.client.finish(AT, state, "code-1")


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"iss": ISSUER + "/"},
        {"aud": "other"},
        {"aud": ["muster", "other"]},
        {"aud": ["muster", "other"], "azp": "other"},
        {"azp": "other"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": NOW.timestamp() - 61},
        {"exp": None},
        {"iat": NOW.timestamp() + 120},
        {"iat": NOW.timestamp() - 3600},
        {"nbf": NOW.timestamp() + 120},
        {"sub": ""},
        {"sub": "x" * 300},
        {"sub": None},
        {"sub": "sub-ben"},
        {"amr": ["pwd"]},
        {"amr": None, "acr": ""},
        {"acr": "urn:one", "amr": []},
        {"amr": "mfa"},
    ],
)
async def test_a_claim_that_is_not_as_expected_signs_nobody_in(lies: dict[str, Any]) -> None:
    """Each is signed well."""
    scene = await Scene(Lying(**lies)).known()
    state = await scene.start()
    with pytest.raises(Denied):
        await scene.client.finish(AT, state, "code-1")


@pytest.mark.parametrize("lies", [{"aud": ["muster", "other"], "azp": "muster"}, {"amr": None, "acr": "urn:mfa"}])
async def test_what_the_standard_allows_is_taken(lies: dict[str, Any]) -> None:
    """Several audiences with us as the party, and two factors said by acr."""
    scene = await Scene(Lying(**lies)).known()
    state = await scene.start()
    opened, _ = await scene.client.finish(AT, state, "code-1")
    assert opened.session.person == "anna"


def unsigned(web: Lying) -> str:
    """alg=none, with the claims of a good token."""
    good = web.signed().split(".")[1]
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{header}.{good}."


def confused(web: Lying) -> str:
    """HS256 under the provider's public key, as PEM. Made by hand: the library refuses to sign so."""
    pem = SIGNING.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').decode().rstrip("=")
    signing = f"{head}.{web.signed().split('.')[1]}"
    mac = hmac.digest(pem, signing.encode(), "sha256")
    return f"{signing}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def forged(web: Lying) -> str:
    """Another's key under the provider's key id."""
    web.key = OTHER
    return web.signed()


def changed(web: Lying) -> str:
    """A claim changed after it was signed."""
    head, body, tail = web.signed().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    raw = json.dumps(claims | {"sub": "sub-anna", "amr": ["mfa", "x"]}).encode()
    return f"{head}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}.{tail}"


def critical(web: Lying) -> str:
    """A header that says that we must understand what we do not."""
    head, body, tail = web.signed().split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "==")) | {"crit": ["exp2"], "exp2": 1}
    return f"{base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip('=')}.{body}.{tail}"


@pytest.mark.parametrize("make", [unsigned, confused, forged, changed, critical, lambda web: "a.b.c", lambda web: ""])
async def test_a_signature_that_is_none_signs_nobody_in(make: Any) -> None:
    """None, HMAC under the public key, another's key, a changed claim, an unknown critical header, no token."""
    scene = await Scene(Lying()).known()
    state = await scene.start()
    scene.web.token = make(scene.web) or "x"
    with pytest.raises(Denied):
        await scene.client.finish(AT, state, "code-1")


async def test_a_symmetric_key_among_the_published_is_left_out() -> None:
    """A token under it is none."""
    shared = OctKey.generate_key(256, {"kid": "k2"})
    web = Lying()
    web.keys.append(shared.as_dict(private=True))
    web.header, web.key = {"alg": "HS256", "kid": "k2"}, shared
    scene = await Scene(web).known()
    state = await scene.start()
    with pytest.raises(Denied):
        await scene.client.finish(AT, state, "code-1")


async def test_state_and_code_count_once_and_in_their_own_browser() -> None:
    """Carried elsewhere, replayed, late: nothing."""
    scene = await Scene(Lying()).known()
    state = await scene.start()
    with pytest.raises(Denied):
        await scene.client.finish(replace(AT, desk=b"e" * 32), state, "code-1")
    await scene.client.finish(AT, state, "code-1")
    with pytest.raises(Denied):
        await scene.client.finish(AT, state, "code-1")
    state = await scene.start()
    scene.web.codes.clear()
    with pytest.raises(Denied):  # the provider knows the code no more
        await scene.client.finish(AT, state, "code-1")
    state = await scene.start()
    with pytest.raises(Denied):
        await scene.client.finish(replace(AT, now=NOW + timedelta(minutes=10)), state, "code-1")


async def test_a_fresh_proof_is_asked_for_and_must_be_said() -> None:
    """Whoever has a session is sent to prove themselves; an old time, or none, is no proof."""
    current = new_session(new_token(), person="anna", source="x", assurance="oidc", now=NOW)
    at = replace(AT, current=current)
    for lies in ({"auth_time": NOW.timestamp() - 61}, {"auth_time": None}):
        scene = await Scene(Lying(**lies)).known()
        state = await scene.start(at)
        assert (scene.web.asked["prompt"], scene.web.asked["max_age"]) == ("login", "0")
        with pytest.raises(Denied, match="anew"):
            await scene.client.finish(at, state, "code-1")
    scene = await Scene(Lying()).known()
    opened, _ = await scene.client.finish(at, await scene.start(at), "code-1")
    assert opened.session.verified_at == NOW


async def test_a_time_that_is_not_said_is_no_fresh_proof() -> None:
    """It opens a session, and force still asks for one."""
    scene = await Scene(Lying(auth_time=None)).known()
    opened, _ = await scene.client.finish(AT, await scene.start(), "code-1")
    assert opened.session.verified_at is not None
    assert NOW - opened.session.verified_at >= timedelta(minutes=5)


async def test_new_keys_are_looked_for_and_not_all_the_time() -> None:
    """After a minute, once; a stranger's key id does not make us ask again and again."""
    web = Lying()
    scene = await Scene(web).known()
    await scene.client.finish(AT, await scene.start(), "code-1")
    renewed = ECKey.generate_key("P-256", {"kid": "k9"})
    web.keys, web.key, web.header = [renewed.as_dict(private=False)], renewed, {"alg": "ES256", "kid": "k9"}
    with pytest.raises(Denied):
        await scene.client.finish(AT, await scene.start(), "code-1")
    assert web.key_requests == 1
    later = replace(AT, now=NOW + KEYS_AGAIN_AFTER)
    web.now = later.now
    opened, _ = await scene.client.finish(later, await scene.start(later), "code-1")
    assert (opened.session.person, web.key_requests) == ("anna", 2)


async def test_a_provider_that_calls_itself_otherwise_is_not_used() -> None:
    """Its description must name the issuer of the settings."""
    web = Lying()
    web.issuer = "https://evil.example"
    with pytest.raises(Unavailable, match="name itself"):
        await Scene(web).start()
    with pytest.raises(NotFound):
        Scene(Lying()).client.provider("other")


def test_a_provider_in_the_clear_or_without_factors_is_a_fault_of_the_settings() -> None:
    """It is found at the start."""
    with pytest.raises(Misconfigured, match="https"):
        Provider("x", "X", "http://id.example", "c", acr=("a",))
    with pytest.raises(Misconfigured, match="two factors"):
        Provider("x", "X", "https://id.example", "c")
    assert Provider("x", "X", "http://127.0.0.1:1", "c", acr=("a",)).id == "x"


def test_the_leeway_is_a_minute() -> None:
    """Clocks of agencies are kept by NTP."""
    assert LEEWAY == 60 * S
