"""Serves simulated providers to the engine, from a process of their own.

``python -m offline.provider --packages aws,cloudflare`` prints ``aws:PORT`` and ``cloudflare:PORT``, a line
each, then ``ready``; ``PULUMI_DEBUG_PROVIDERS`` takes the same pairs, joined by commas. It serves until
standard input closes, it gets SIGTERM, or its parent dies. A process of their own, because in the
program's process the two wait for each other and time grows worse than linear with resources.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent import futures
from types import FrameType

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from offline.provider_cloudflare import EndpointProvider, from_environment
from offline.provider_service import SimulatedProvider, sdk_version

_MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes; the engine's own limit for a message."""
_WORKERS = 8
"""Threads for each package; the engine runs at most this many operations at once on small machines."""


def start(package: str) -> tuple[grpc.Server, int]:
    """A running server for one package and its port. Raises ModuleNotFoundError without the package's SDK."""
    sdk_version(package)
    endpoint = from_environment() if package == "cloudflare" else None
    service = EndpointProvider(endpoint) if endpoint else SimulatedProvider(package)
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_WORKERS),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
            ("grpc.max_send_message_length", _MESSAGE_LIMIT),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m offline.provider", description=__doc__)
    parser.add_argument(
        "--packages", default="aws,cloudflare,kubernetes", help="comma-separated, for example aws"
    )
    options = parser.parse_args(arguments)
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    servers: list[grpc.Server] = []
    for package in str(options.packages).split(","):
        server, port = start(package.strip())
        servers.append(server)
        print(f"{package.strip()}:{port}", flush=True)
    print("ready", flush=True)
    _watch(stopped)
    stopped.wait()
    for server in servers:
        server.stop(grace=0.5)
    return 0


def _watch(stopped: threading.Event) -> None:
    """Sets ``stopped`` when standard input ends or this process is handed to another parent."""
    parent = os.getppid()

    def read() -> None:
        # Not through sys.stdin: its lock would be held while the interpreter closes it.
        while os.read(0, 4096):
            pass
        stopped.set()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        stopped.set()

    for task in (read, look):
        threading.Thread(target=task, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
