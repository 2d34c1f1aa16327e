"""A real request to the new origin: does it hold a certificate for its name, and does it answer to it?"""

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from ops.rollout.ports import PortError

TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the origin showed."""

    status: int
    certificate_until: datetime


class Origin:
    """The new origin by its own address, and by its name through Cloudflare.

    The address shows the origin's own certificate, which the name does not: that is Cloudflare's. The name
    shows the answer, which the address does not: it serves Cloudflare's addresses alone.
    """

    def __init__(
        self,
        *,
        hostname: str,
        address: str,
        path: str,
        port: int = 443,
        context: ssl.SSLContext | None = None,
        public_url: str | None = None,
    ) -> None:
        self._hostname = hostname
        self._address = address
        self._port = port
        self._path = path
        self._context = context or ssl.create_default_context()
        self._url = public_url or f"https://{hostname}"

    def ask(self) -> Answer:
        """Raises PortError: no connection, a certificate that does not count, no answer."""
        until = self._certificate()
        try:
            with httpx.Client(verify=self._context, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
                request = client.build_request(
                    "GET", f"{self._url}{self._path}", headers={"Host": self._hostname}
                )
                request.extensions["sni_hostname"] = self._hostname
                answer = client.send(request, follow_redirects=False)
        except httpx.HTTPError as error:
            raise PortError(
                f"https://{self._hostname}{self._path}: {type(error).__name__}: {error}"
            ) from error
        return Answer(status=answer.status_code, certificate_until=until)

    def _certificate(self) -> datetime:
        """When the origin's own certificate ends; checked against the trusted authorities and its name."""
        where = (self._address, self._port)
        try:
            with (
                socket.create_connection(where, timeout=TIMEOUT_SECONDS) as plain,
                self._context.wrap_socket(plain, server_hostname=self._hostname) as secured,
            ):
                certificate = secured.getpeercert() or {}
        except ssl.SSLCertVerificationError as error:
            raise PortError(
                f"{self._address}: no valid certificate for {self._hostname}: {error.verify_message}"
            ) from error
        except OSError as error:
            raise PortError(f"{self._address}: {type(error).__name__}: {error}") from error
        ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        return datetime.fromtimestamp(ends, UTC)
