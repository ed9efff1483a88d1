"""Signing a program in with a one-time link, as a browser would."""

from __future__ import annotations

import aiohttp

from command.errors import Denied, Unavailable, Unreadable

TIMEOUT_S = 10.0


async def sign_in(url: str, token: str) -> str:
    """Trade a link's token for a session; returns the Cookie header. Raises Denied for a link that is no good,
    Unreadable for what is no URL, Unavailable where no server answers.
    """
    base = url.rstrip("/")
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(f"{base}/api/session", json={"link": token}, headers={"Origin": base}) as answer,
        ):
            if answer.status >= 400:
                raise Denied(f"expected a link that signs in, the server answered {answer.status}", where="link")
            return "; ".join(f"{name}={morsel.value}" for name, morsel in answer.cookies.items())
    except (aiohttp.InvalidURL, ValueError):
        raise Unreadable(f"expected a URL as https://muster.example, got {url!r}", where="--url") from None
    except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError) as exc:
        raise Unavailable(f"expected a server at {base}: {exc}") from None
