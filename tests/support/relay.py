"""A wire on loopback that can be measured, cut, or left hanging: what stands between the browser
and the server of a test."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

BROKEN = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Relay:
    """Carries connections to `target` (a port of this machine). `port` is where it listens."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.received = 0
        """Bytes that the browser received."""
        self.source = "127.0.0.1"
        """The address that the server sees."""
        self._cut = False
        self._hung = False
        self._fault = ("", b"")
        self.stored = 0
        """Requests of the fault that the server did get."""
        self.held = 0
        """Requests that wait, or waited, on the way."""
        self._open: set[socket.socket] = set()
        self._doomed: set[socket.socket] = set()
        """Browsers' ends that get no answer."""
        self._slow: set[socket.socket] = set()
        """Browsers' ends whose answer waits."""
        self._released = threading.Event()
        self._released.set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Address of the service through this wire."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """No network: connections end, and new ones too."""
        self._cut = True
        self._end()

    def hang(self) -> None:
        """A network that takes everything and answers nothing."""
        self._hung = True

    def fault(self, mode: str, request: bytes) -> None:
        """What becomes of requests that begin like this (`b"PUT /api"`): "500" an error page and
        the server never sees it; "hang" no answer, and the server never sees it; "drop" the
        connection ends and the server never sees it; "cut" the server does its work and the
        connection ends before the answer; "held" the request waits on the way until `release`;
        "late" the server does its work and the answer waits until `release`."""
        if mode in ("held", "late"):
            self._released.clear()
        self._fault = (mode, request)

    def release(self) -> None:
        """What waits on the way goes on."""
        self._released.set()

    def mend(self) -> None:
        """The network is back."""
        self.release()
        self._cut = self._hung = False
        self._fault = ("", b"")

    def move(self, source: str) -> None:
        """Another network: every connection ends, new ones come from another address."""
        self.source = source
        self._end()

    def close(self) -> None:
        """End everything."""
        self.release()
        self.cut()
        self._listener.close()

    def _end(self) -> None:
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._cut:
                near.close()
                continue
            try:
                far = socket.create_connection(
                    ("127.0.0.1", self.target), source_address=(self.source, 0)
                )
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for source, sink, down in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._carry, args=(source, sink, down), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, down: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                mode, request = self._fault
                if self._hung:
                    continue
                if down:
                    if sink in self._doomed:
                        break
                    if sink in self._slow:
                        self._released.wait(30)
                        self._slow.discard(sink)
                    self.received += len(data)
                elif mode and data.startswith(request):
                    if mode == "500":
                        source.sendall(BROKEN)
                        break
                    if mode == "drop":
                        break
                    if mode == "hang":
                        continue
                    if mode == "held":
                        self.held += 1
                        self._released.wait(30)
                    else:
                        self.stored += 1
                        (self._slow if mode == "late" else self._doomed).add(source)
                sink.sendall(data)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        with self._lock:
            self._open -= {source, sink}
            self._doomed -= {source, sink}
            self._slow -= {source, sink}
