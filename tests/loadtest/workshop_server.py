"""A small server that looks like Work Redesign from outside: pages, an API, and Socket.IO over WebSocket."""

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import socketio
from werkzeug.serving import run_simple

sio = socketio.Server(async_mode="threading")


@sio.event
def echo(_session: str, message: object) -> object:
    return message


def answer(path: str, delay: float, failing: bool) -> tuple[str, bytes]:
    if path == "/health":
        time.sleep(delay)
        return ("500 Internal Server Error", b"no") if failing else ("200 OK", b"ok")
    return "200 OK", b"<html></html>"


def main(port: int, delay: float, failing: bool) -> None:
    def pages(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        status, body = answer(environ["PATH_INFO"], delay, failing)
        start(status, [("Content-Type", "text/html"), ("Set-Cookie", "AWSALB=one; Path=/")])
        return [body]

    run_simple("127.0.0.1", port, socketio.WSGIApp(sio, pages), threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "failing")
