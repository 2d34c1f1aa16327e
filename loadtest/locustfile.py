"""A workshop of fifty team leaders, against a deployed address.

    make loadtest URL=https://workshop.example.com

Runs 24 minutes and exits with 1 when a threshold is broken. Each user opens pages, asks the API, and keeps a
Socket.IO session open. Environment:

- ``PAGE_PATHS``, ``API_PATHS``: what to ask for, separated by commas (``/`` and ``/health``).
- ``SOCKET_EVENT``: an event that the server acknowledges; its round trip is measured as well.
- ``SECONDS_PER_MINUTE``, ``USERS_SHARE``: a shorter or smaller run (60 and 1).
"""

import os
import time
from typing import Any

import socketio
from gevent.lock import BoundedSemaphore
from judgement import Figures, breaches, missed_targets, peak, report, users_at
from locust import HttpUser, LoadTestShape, between, events, task
from locust.env import Environment

PAGE_PATHS = os.environ.get("PAGE_PATHS", "/").split(",")
API_PATHS = os.environ.get("API_PATHS", "/health").split(",")
SOCKET_EVENT = os.environ.get("SOCKET_EVENT")
SECONDS_PER_MINUTE = float(os.environ.get("SECONDS_PER_MINUTE", "60"))
USERS_SHARE = float(os.environ.get("USERS_SHARE", "1"))

CONNECT_SECONDS = 10
KINDS = ("api", "page", "websocket")


class Sessions:
    """How many WebSockets are open, and the most there were."""

    def __init__(self) -> None:
        self._lock = BoundedSemaphore()
        self._open = 0
        self.most = 0

    def opened(self) -> None:
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)

    def closed(self) -> None:
        with self._lock:
            self._open -= 1


SESSIONS = Sessions()


class Workshop(LoadTestShape):
    """The stages of the plan."""

    def tick(self) -> tuple[int, float] | None:
        users = users_at(self.get_run_time(), seconds_per_minute=SECONDS_PER_MINUTE, share=USERS_SHARE)
        return None if users is None else (users, max(1.0, peak(USERS_SHARE) / 2))


class TeamLeader(HttpUser):
    """Reads, writes, and hears of the others at once."""

    # From one address, 50 of them stay at half of the firewall's 2,000 requests in five minutes.
    wait_time = between(5 * SECONDS_PER_MINUTE / 60, 15 * SECONDS_PER_MINUTE / 60)

    def on_start(self) -> None:
        self._socket: socketio.Client | None = None
        self._leaving = False
        self.open_page()
        self._connect()

    def on_stop(self) -> None:
        self._leaving = True
        if self._socket is not None:
            self._socket.disconnect()

    @task(3)
    def ask_api(self) -> None:
        for path in API_PATHS:
            self.client.get(path, name="api")

    @task(1)
    def open_page(self) -> None:
        for path in PAGE_PATHS:
            self.client.get(path, name="page")

    @task(2)
    def talk(self) -> None:
        if self._socket is None:
            self._connect()
        elif SOCKET_EVENT:
            self._measured(
                lambda: self._socket.call(SOCKET_EVENT, {"at": time.time()}, timeout=CONNECT_SECONDS)
            )

    def _connect(self) -> None:
        client = socketio.Client(reconnection=False)
        client.on("disconnect", self._dropped)
        # The load balancer's cookie from the page: a session belongs to one task.
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.client.cookies)
        if self._measured(
            lambda: client.connect(
                self.host,
                headers={"Cookie": cookies} if cookies else {},
                transports=["websocket"],
                wait_timeout=CONNECT_SECONDS,
            )
        ):
            self._socket = client
            SESSIONS.opened()

    def _dropped(self, *_reason: object) -> None:
        if self._socket is None:
            return
        self._socket = None
        SESSIONS.closed()
        if not self._leaving:
            self._fire(0, ConnectionError("the server closed the session"))

    def _measured(self, act: Any) -> bool:
        started = time.perf_counter()
        try:
            act()
        except (socketio.exceptions.SocketIOError, OSError) as error:
            self._fire((time.perf_counter() - started) * 1000, error)
            return False
        self._fire((time.perf_counter() - started) * 1000, None)
        return True

    def _fire(self, milliseconds: float, error: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type="WS",
            name="websocket",
            response_time=milliseconds,
            response_length=0,
            exception=error,
            context={},
        )


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    """Sets the exit code."""
    stats = environment.stats
    found = {kind: stats.get(kind, method) for kind, method in zip(KINDS, ("GET", "GET", "WS"), strict=True)}
    figures = Figures(
        requests=stats.total.num_requests,
        failures=stats.total.num_failures,
        p95_ms={
            kind: entry.get_response_time_percentile(0.95)
            for kind, entry in found.items()
            if entry.num_requests
        },
        sessions_at_once=SESSIONS.most,
    )
    failed = breaches(figures, wanted_sessions=peak(USERS_SHARE))
    print(report(figures, failed, missed_targets(figures)))
    environment.process_exit_code = 1 if failed else 0
