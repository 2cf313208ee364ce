"""A network between a chair and its broker that can be cut and stalled."""

import asyncio
import contextlib
import threading

from mosquitto import LOOPBACK


class Proxy:
    """Passes on to a port of this machine what comes in at its own, until it is told not to.

    target: the port. ``port`` is its own, and stays the same.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._cut = False
        self._lines: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Ends every connection, and every new one at once."""
        self._loop.call_soon_threadsafe(self._cut_now)

    def stall(self) -> None:
        """Lets every connection stand, and nothing pass."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def heal(self) -> None:
        """Passes on again."""
        self._loop.call_soon_threadsafe(self._heal_now)

    def close(self) -> None:
        """Ends it all."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # In the loop's thread.

    async def _listen(self) -> asyncio.Server:
        self._flowing.set()
        return await asyncio.start_server(self._serve, LOOPBACK, 0)

    def _cut_now(self) -> None:
        self._cut = True
        for line in self._lines:
            line.transport.abort()

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
                await self._join(reader, writer)
        writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target)
        both = {writer, far_writer}
        self._lines |= both
        pumps = [
            asyncio.ensure_future(self._pump(reader, far_writer)),
            asyncio.ensure_future(self._pump(far_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._lines -= both
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
