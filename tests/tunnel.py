"""A proxy as companies have them between their networks: it connects where CONNECT says."""

from __future__ import annotations

import contextlib
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Tunnel:
    """`asked` are the places that were asked for, `logins` who asked; `status` is what it answers."""

    def __init__(self, status: int) -> None:
        self.asked: list[str] = []
        self.logins: list[str] = []
        self.status = status
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += connection.recv(1)
            first, *fields = head.decode().split("\r\n")
            self.asked.append(first.removesuffix(" HTTP/1.1"))
            self.logins += [f.partition(": ")[2] for f in fields if f.startswith("Proxy-Authorization: ")]
            connection.sendall(f"HTTP/1.1 {self.status} said\r\n\r\n".encode())
            if self.status == 200:
                self._join(connection, first.split(" ")[1])

    @staticmethod
    def _join(connection: socket.socket, place: str) -> None:
        host, _, port = place.rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            back = threading.Thread(target=_copy, args=(server, connection), daemon=True)
            back.start()
            _copy(connection, server)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tunnel(status: int = 200) -> Iterator[Tunnel]:
    """A proxy that answers `status`, and if that is 200 connects."""
    proxy = Tunnel(status)
    try:
        yield proxy
    finally:
        proxy.close()
