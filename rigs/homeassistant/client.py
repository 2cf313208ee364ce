"""Client of Home Assistant's HTTP and websocket interfaces."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

import aiohttp


class Client:
    """One conversation with Home Assistant, as an asynchronous context manager.

    token: None before there is an owner.
    """

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url
        self._token = token
        self._last_id = 0
        self._websocket: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=60), trust_env=False
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the websocket and the session."""
        if self._websocket is not None:
            await self._websocket.close()
        await self._session.close()

    def log_in(self, token: str) -> None:
        """Use a token from now on."""
        self._token = token

    async def http(
        self, method: str, path: str, body: Any = None, form: Mapping[str, str] | None = None
    ) -> Any:
        """Send a request; return the answer, decoded if it is JSON.

        Raises RuntimeError with Home Assistant's words if it refuses.
        """
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._session.request(
            method, self._url + path, json=body, data=form, headers=headers
        ) as answer:
            text = await answer.text()
            if answer.status not in (200, 201):
                raise RuntimeError(f"{method} {path}: {answer.status} {text.strip()}")
            try:
                return json.loads(text)
            except ValueError:
                return text

    async def ws(self, command: str, **fields: Any) -> Any:
        """Send a websocket command; return its result.

        Raises RuntimeError with Home Assistant's words if it refuses.
        """
        if self._websocket is None:
            self._websocket = await self._open_websocket()
        self._last_id += 1
        await self._websocket.send_json({"id": self._last_id, "type": command, **fields})
        while True:
            answer = await self._websocket.receive_json()
            if answer.get("id") == self._last_id and answer["type"] == "result":
                if not answer["success"]:
                    raise RuntimeError(f"{command}: {answer['error']}")
                return answer["result"]

    async def _open_websocket(self) -> aiohttp.ClientWebSocketResponse:
        address = self._url.replace("http", "ws", 1) + "/api/websocket"
        websocket = await self._session.ws_connect(address, max_msg_size=0)
        await websocket.receive_json()
        await websocket.send_json({"type": "auth", "access_token": self._token})
        answer = await websocket.receive_json()
        if answer["type"] != "auth_ok":
            raise RuntimeError(f"the websocket is refused: {answer}")
        return websocket


async def wait_until(
    condition: Callable[[], Awaitable[bool]],
    what: str,
    timeout: float,
    still_possible: Callable[[], bool] = lambda: True,
) -> None:
    """Wait until a condition holds. Home Assistant may refuse, or be down, in between.

    Raises RuntimeError if it does not hold in time, or is no longer possible.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and still_possible():
        with contextlib.suppress(aiohttp.ClientError, RuntimeError, OSError):
            if await condition():
                return
        await asyncio.sleep(0.1)
    raise RuntimeError(f"not within {timeout:.0f} s: {what}")
