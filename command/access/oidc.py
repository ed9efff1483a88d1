"""An agency's own sign-in by OpenID Connect: the code flow with PKCE, state and nonce.

What comes back is believed only where its signature is of an algorithm from our own list and of a key that the
provider publishes, and issuer, audience, times and nonce are as expected. Who that is here, an administrator has said
before; nobody is made by it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from command.access.credentials import Proof
from command.access.signin import At, Opened, SignIn, keep, take
from command.errors import Denied, Misconfigured, NotFound, Unavailable

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
"""Signatures by a private key that only the provider has. No `none`, and no HMAC: whoever verifies could forge it."""

FLOW_LIVES: Final = timedelta(minutes=10)
LEEWAY: Final = timedelta(seconds=60)
"""How far the provider's clock may be off from ours."""

DISCOVERY_LIVES: Final = timedelta(hours=1)
KEYS_AGAIN_AFTER: Final = timedelta(seconds=60)
"""An unknown key is looked for again at most this often: a stranger's token must not make us ask all the time."""

ASKED_AGAIN_WITHIN: Final = timedelta(minutes=5)
TIMEOUT_S: Final = 10.0
MAX_ANSWER_BYTES: Final = 256 * 1024
REDIRECT_PATH: Final = "/oidc"

_KIND = "oidc"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_FAILED = "that did not work"


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider as the settings name it. `acr` and `amr`: values of either that say that two factors were used.

    With neither, no sign-in by it counts: what is not said is not believed.
    """

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = ""
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises Misconfigured for an issuer that is reached in the clear, and for one that could prove nothing."""
        _check_url(self.issuer, self.id)
        if not self.acr and not self.amr:
            raise Misconfigured("expected acr or amr values that stand for two factors", where=self.id)


class Discovery(msgspec.Struct, frozen=True):
    """What a provider says of itself; only what we ask."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Claims(msgspec.Struct, frozen=True):
    """What we believe of a token, once it is verified."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: float
    iat: float
    nonce: str = ""
    azp: str = ""
    nbf: float = 0
    auth_time: float | None = None
    acr: str = ""
    amr: list[str] = []


class _Started(msgspec.Struct, frozen=True):
    """What must come back, kept as a ceremony."""

    provider: str
    origin: str
    nonce: str
    verifier: str
    again: bool  # the person was to prove themselves anew, whatever the provider remembers
    keep: bool


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


_started: msgspec.json.Decoder[_Started] = msgspec.json.Decoder(_Started)
_discovery: msgspec.json.Decoder[Discovery] = msgspec.json.Decoder(Discovery)
_tokens: msgspec.json.Decoder[_Tokens] = msgspec.json.Decoder(_Tokens)


class Web(Protocol):
    """How a provider is asked. Both raise Unavailable for one that does not answer as it should."""

    async def get(self, url: str) -> bytes:
        """The body of a 200."""

    async def post(self, url: str, form: Mapping[str, str], basic: tuple[str, str] | None) -> tuple[int, bytes]:
        """(status, body)."""


class HttpWeb:
    """Over the network, without redirects, in time, and no more than fits."""

    async def get(self, url: str) -> bytes:
        """See Web."""
        status, body = await self._ask("GET", url, None, None)
        if status != 200:
            raise Unavailable(f"expected the provider to answer, it said {status}", where="oidc")
        return body

    async def post(self, url: str, form: Mapping[str, str], basic: tuple[str, str] | None) -> tuple[int, bytes]:
        """See Web."""
        return await self._ask("POST", url, form, basic)

    async def _ask(
        self, method: str, url: str, form: Mapping[str, str] | None, basic: tuple[str, str] | None
    ) -> tuple[int, bytes]:
        headers = {} if basic is None else {"Authorization": _basic(*basic)}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.request(method, url, data=form, headers=headers, allow_redirects=False) as got,
            ):
                body = await got.content.read(MAX_ANSWER_BYTES + 1)
                while len(body) <= MAX_ANSWER_BYTES and (more := await got.content.read(MAX_ANSWER_BYTES)):
                    body += more
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Unavailable(f"expected the provider to answer: {type(exc).__name__}", where="oidc") from None
        if len(body) > MAX_ANSWER_BYTES:
            raise Unavailable("expected a shorter answer of the provider", where="oidc")
        return got.status, body


class _Known(msgspec.Struct):
    """What was last learned of a provider."""

    discovery: Discovery
    learned_at: datetime
    keys: KeySet
    keys_at: datetime


class OidcClient:
    """Signs in by the providers of the settings. One instance a server."""

    def __init__(self, sign_in: SignIn, providers: tuple[Provider, ...] = (), web: Web | None = None) -> None:
        self.providers = {provider.id: provider for provider in providers}
        self._sign_in = sign_in
        self._web = web or HttpWeb()
        self._known: dict[str, _Known] = {}
        self._turns = {provider.id: asyncio.Lock() for provider in providers}  # one that is slow keeps no other waiting

    def provider(self, name: str) -> Provider:
        """One of the settings. Raises NotFound."""
        found = self.providers.get(name)
        if found is None:
            raise NotFound("there is no such provider")
        return found

    async def start(self, at: At, flow: str, name: str, *, keep_other: bool) -> str:
        """Where the browser goes. Someone who has a session here already is asked to prove themselves anew."""
        provider = self.provider(name)
        await self._sign_in.check_flow(at, flow)
        known = await self._learned(provider, at.now)
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        again = at.current is not None
        data = msgspec.json.encode(_Started(name, at.origin, nonce, verifier, again, keep_other))
        state = await keep(self._sign_in.store, _KIND, at.desk, "", data, at.now, FLOW_LIVES)
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": provider.client_id,
            "redirect_uri": at.origin + REDIRECT_PATH,
            "state": state,
            "nonce": nonce,
            "code_challenge": _b64(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if again else {}),
            **({"acr_values": " ".join(provider.acr)} if provider.acr else {}),
        }
        endpoint = known.discovery.authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def finish(self, at: At, state: str, code: str) -> tuple[Opened, bool]:
        """(the session, whether whoever sat here stays, locked). The state is used up whatever comes of it."""
        kept = await take(self._sign_in.store, state, _KIND, at.desk, at.now)
        if kept is None:
            raise Denied(_FAILED)
        started = _started.decode(kept.data)
        provider = self.provider(started.provider)
        token = await self._token(provider, started, code, at.now)
        claims = await self._claims(provider, token, started.nonce, at.now)
        verified_at = _verified_at(claims, kept.created_at if started.again else None)
        if not _two_factors(provider, claims):
            raise Denied("expected the provider to have checked two factors")
        person = await self._sign_in.store.identity(claims.iss, claims.sub)
        if person is None:
            raise Denied(_FAILED)
        proof = Proof(identity=(claims.iss, claims.sub))
        return await self._sign_in.enter(at, person, proof, "oidc", verified_at=verified_at), started.keep

    async def _token(self, provider: Provider, started: _Started, code: str, now: datetime) -> str:
        known = await self._learned(provider, now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": started.origin + REDIRECT_PATH,
            "code_verifier": started.verifier,
            "client_id": provider.client_id,
        }
        basic = (provider.client_id, provider.client_secret) if provider.client_secret else None
        status, body = await self._web.post(known.discovery.token_endpoint, form, basic)
        if status >= 500:
            raise Unavailable("expected the provider to answer", where="oidc")
        try:
            return _tokens.decode(body).id_token
        except msgspec.DecodeError:
            raise Denied(_FAILED) from None

    async def _claims(self, provider: Provider, token: str, nonce: str, now: datetime) -> Claims:
        """Verified claims. Raises Denied without saying what was wrong."""
        known = await self._learned(provider, now)
        decoded = _decoded(token, known.keys)
        if decoded is None and now - known.keys_at >= KEYS_AGAIN_AFTER:  # the provider may have changed its keys
            decoded = _decoded(token, (await self._learned(provider, now, keys=True)).keys)
        if decoded is None:
            raise Denied(_FAILED)
        try:
            claims = msgspec.convert(decoded, Claims)
        except msgspec.ValidationError:
            raise Denied(_FAILED) from None
        if not fits(claims, provider, nonce, now):
            raise Denied(_FAILED)
        return claims

    async def _learned(self, provider: Provider, now: datetime, *, keys: bool = False) -> _Known:
        """What the provider says of itself, asked again after an hour, or for its keys."""
        async with self._turns[provider.id]:
            known = self._known.get(provider.id)
            if known is not None and now - known.learned_at < DISCOVERY_LIVES and not keys:
                return known
            if known is not None and keys and now - known.keys_at < KEYS_AGAIN_AFTER:
                return known
            where = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
            try:
                found = _discovery.decode(await self._web.get(where))
            except msgspec.DecodeError:
                raise Unavailable("expected the provider's description of itself", where="oidc") from None
            if found.issuer != provider.issuer:
                raise Unavailable("expected the provider to name itself as in the settings", where="oidc")
            here = urlsplit(provider.issuer).hostname in _LOOPBACK
            for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
                # What a provider elsewhere says of itself must not send this server to a door of its own machine.
                if not _in_confidence(url) or (not here and urlsplit(url).hostname in _LOOPBACK):
                    raise Unavailable("expected addresses of the provider that are its own, by https", where="oidc")
            published = _keys(await self._web.get(found.jwks_uri))
            self._known[provider.id] = _Known(found, now, published, now)
            return self._known[provider.id]


def fits(claims: Claims, provider: Provider, nonce: str, now: datetime) -> bool:
    """Whether verified claims are for us, of now, and of this very sign-in (OpenID Connect Core 3.1.3.7). Pure."""
    audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    at = now.timestamp()
    leeway = LEEWAY.total_seconds()
    return (
        claims.iss == provider.issuer
        and provider.client_id in audience
        and (len(audience) == 1 or claims.azp == provider.client_id)
        and claims.azp in ("", provider.client_id)
        and claims.exp > at - leeway
        and claims.iat <= at + leeway
        and claims.nbf <= at + leeway
        and at - claims.iat <= FLOW_LIVES.total_seconds() + leeway
        and nonce != ""
        and hmac.compare_digest(claims.nonce.encode(), nonce.encode())
        and 0 < len(claims.sub) <= 255
    )


def _decoded(token: str, keys: KeySet) -> dict[str, Any] | None:
    try:
        found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return dict(found.claims)


def _keys(raw: bytes) -> KeySet:
    """The provider's public keys; symmetric ones are left out, which no provider has any business to publish."""
    try:
        listed = msgspec.json.decode(raw, type=dict[str, Any])["keys"]
        return KeySet.import_key_set({"keys": [key for key in listed if key.get("kty") in ("RSA", "EC", "OKP")]})
    except (msgspec.DecodeError, JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise Unavailable("expected the provider's keys", where="oidc") from None


def _two_factors(provider: Provider, claims: Claims) -> bool:
    return claims.acr in provider.acr or any(value in provider.amr for value in claims.amr)


def _verified_at(claims: Claims, since: datetime | None) -> datetime | None:
    """When the provider last saw the person prove themselves. `since`: it was asked to do so anew.

    Raises Denied where it was asked and does not say that it did.
    """
    try:
        found = None if claims.auth_time is None else datetime.fromtimestamp(claims.auth_time, UTC)
    except (OverflowError, ValueError, OSError):  # beyond the calendar
        raise Denied(_FAILED) from None
    if since is not None and (found is None or found < since - LEEWAY):
        raise Denied("expected the provider to have asked the person anew")
    # Without a time it was some time: good for a session, not for what asks for a fresh proof.
    return found if found is not None else datetime.fromtimestamp(claims.iat, UTC) - ASKED_AGAIN_WITHIN


def _basic(user: str, password: str) -> str:
    """The client's name and secret, each encoded first (RFC 6749 2.3.1)."""
    return "Basic " + base64.b64encode(f"{quote_plus(user)}:{quote_plus(password)}".encode()).decode()


def _in_confidence(url: str) -> bool:
    """Whether an address is reached by https, or on this machine. One that cannot be read is not."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        )
    except ValueError:
        return False


def _check_url(url: str, where: str) -> None:
    if not _in_confidence(url):
        raise Misconfigured("expected https addresses of the provider, or http on this machine", where=where)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
