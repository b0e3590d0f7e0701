"""One visitor of a running server, and the check that nobody else notices what it does."""

import http.client
import json
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

ORDINARY = "/sparql?" + urlencode({"query": "ASK { ?s ?p ?o }"})


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where the server closed without a word."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def code(self) -> str:
        """The stable code of a problem document, else empty."""
        try:
            return str(json.loads(self.body)["code"])
        except (ValueError, KeyError, TypeError):
            return ""


@dataclass
class Visitor:
    """Sends requests to one server and counts what happened."""

    address: str
    sent: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    slowest_ordinary: float = 0.0
    """Seconds of the slowest ordinary query after an attack."""

    def __post_init__(self) -> None:
        self.process = self.read_process()

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        host, _, port = self.address.partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        started = time.perf_counter()
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            found = response.read()
            answer = Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                found,
                time.perf_counter() - started,
            )
        except (ConnectionError, http.client.BadStatusLine):
            answer = Answer(0, {}, b"", time.perf_counter() - started)
        finally:
            connection.close()
        self._count(answer)
        return answer

    def query(self, text: str, headers: dict[str, str] | None = None, **more: str) -> Answer:
        """A query sent as a form."""
        body = urlencode({"query": text, **more}, errors="surrogatepass")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("/sparql", "POST", body, form | (headers or {}))

    def send_raw(self, message: bytes, seconds: float = 1.0) -> bytes:
        """Bytes as they are; what comes back until the server closes or falls silent."""
        host, _, port = self.address.partition(":")
        found = b""
        try:
            with socket.create_connection((host, int(port)), timeout=seconds) as connection:
                connection.sendall(message)
                while block := connection.recv(65536):
                    found += block
        except OSError:
            pass
        self.sent += 1
        return found

    def read_process(self) -> int:
        """Process id of the web process."""
        host, _, port = self.address.partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        try:
            connection.request("GET", "/healthz")
            return int(json.loads(connection.getresponse().read())["process"])
        finally:
            connection.close()

    def check(self, after: str) -> None:
        """The web process is the same one, and an ordinary query is answered in 500 ms."""
        answer = self.ask(ORDINARY)
        for _ in range(2):  # a busy machine is no fault of the server: the best of three counts
            if answer.status == 200 and answer.seconds <= 0.5:
                break
            answer = self.ask(ORDINARY)
        self.slowest_ordinary = max(self.slowest_ordinary, answer.seconds)
        assert answer.status == 200 and json.loads(answer.body)["boolean"] is True, after
        assert answer.seconds <= 0.5, (after, answer.seconds)
        assert self.read_process() == self.process, after

    def _count(self, answer: Answer) -> None:
        self.sent += 1
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
