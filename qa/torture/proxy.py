"""Network between a chair and its broker that can be cut and stalled."""

import asyncio
import contextlib
import threading

from support.mosquitto import LOOPBACK


class Proxy:
    """TCP proxy to a port of this machine.

    target: the port that it forwards to, which may be changed. ``port`` is its own, and stays the
    same.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self._cut = False
        self._connections: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Abort every connection, and every new one at once."""
        self._loop.call_soon_threadsafe(self._cut_now)

    def stall(self) -> None:
        """Keep every connection open and forward nothing."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def heal(self) -> None:
        """Forward again."""
        self._loop.call_soon_threadsafe(self._heal_now)

    def close(self) -> None:
        """Stop the proxy and its thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # In the thread of the loop

    async def _listen(self) -> asyncio.Server:
        self._flowing.set()
        return await asyncio.start_server(self._serve, LOOPBACK, 0)

    def _cut_now(self) -> None:
        self._cut = True
        for connection in self._connections:
            connection.transport.abort()

    def _heal_now(self) -> None:
        self._cut = False
        self._flowing.set()

    async def _end(self) -> None:
        self._server.close()
        self._cut_now()
        self._flowing.set()
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=2.0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            if not self._cut:
                await self._connect(reader, writer)
        writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self.target)
        both = {writer, far_writer}
        self._connections |= both
        pumps = [
            asyncio.ensure_future(self._pump(reader, far_writer)),
            asyncio.ensure_future(self._pump(far_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections -= both
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
