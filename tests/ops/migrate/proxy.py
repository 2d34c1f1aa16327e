"""A TCP proxy that a test can cut."""

import contextlib
import socket
import threading
from typing import Self


class Proxy:
    """Listens on ``port`` and passes everything on to a port of this machine."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Every connection ends with a reset; new ones are taken."""
        pairs, self._pairs = self._pairs, []
        for end in pairs:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            self._pairs += [near, far]
            for reading, writing in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(reading, writing), daemon=True).start()

    @staticmethod
    def _pass(reading: socket.socket, writing: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := reading.recv(65536):
                writing.sendall(data)
        for end in (reading, writing):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
