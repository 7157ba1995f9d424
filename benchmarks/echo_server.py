"""A server that costs as little as asyncio allows: it answers every POST with 201 and its body.

    python echo_server.py LATENCY

It prints its port, then serves 127.0.0.1 until its standard input ends. The latency, in seconds,
passes between the end of a request and its answer; any number of answers wait at the same time.
"""

from __future__ import annotations

import asyncio
import functools
import sys
from typing import cast

HEAD = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Connection: keep-alive\r\n\r\n"
)


class Echo(asyncio.Protocol):
    """HTTP/1.1 for requests with a Content-Length, one after another on a connection."""

    transport: asyncio.Transport

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n") + 4) > 3:
            head = self.received[:end].lower()
            at = head.index(b"content-length:") + 15
            length = int(head[at : head.index(b"\r\n", at)])
            if len(self.received) < end + length:
                return
            self.answer(self.received[end : end + length])
            self.received = self.received[end + length :]

    def answer(self, body: bytes) -> None:
        send = functools.partial(self.transport.write, HEAD % len(body) + body)
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, send)
        else:
            send()


async def serve(latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Echo(latency), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
