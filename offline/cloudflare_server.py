"""Serves the local Cloudflare over HTTP, for tools and the provider: `http://127.0.0.1:PORT/client/v4`."""

import contextlib
import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from offline.cloudflare_model import Answer, CloudflareModel

PREFIX = "/client/v4"


@contextlib.contextmanager
def serve(model: CloudflareModel) -> Generator[str]:
    """Serve until the block ends; yields the base URL of the API."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(model))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{PREFIX}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(model: CloudflareModel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = self._answer(text)
            sent = json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def _answer(self, text: bytes) -> Answer:
            try:
                body = json.loads(text) if text else None
            except ValueError:
                errors = [{"code": 6007, "message": "Malformed JSON in request body"}]
                return Answer(400, {"result": None, "success": False, "errors": errors, "messages": []})
            if not self.path.startswith(PREFIX):
                errors = [{"code": 7000, "message": "No route for that URI"}]
                return Answer(404, {"result": None, "success": False, "errors": errors, "messages": []})
            authorization = self.headers.get("Authorization") or ""
            return model.handle(self.command, self.path.removeprefix(PREFIX), body, authorization)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: the model keeps the calls."""

    return Handler
