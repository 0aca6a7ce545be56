"""A small HTTP server in a process of its own, so that a test may freeze it."""

import asyncio
import json
import socket

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"


class Quick(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))


async def serve():
    listening = socket.create_server(("127.0.0.1", 0), backlog=4_096)
    server = await asyncio.get_running_loop().create_server(Quick, sock=listening)
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
