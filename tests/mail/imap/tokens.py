"""An OAuth 2 token service over plain HTTP on this machine, with the endpoint where Dovecot validates tokens."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REFRESH, CLIENT_SECRET = "refresh-CANARY-1", "client-CANARY-2"


@dataclass
class TokenService:
    """`good` maps valid access tokens to their users; `answer` replaces the following answers."""

    port: int = 0
    user: str = ""
    refresh: str = REFRESH
    rotate_to: str = ""
    good: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    answer: tuple[int, dict[str, Any]] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    @property
    def info_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/info?token="

    @contextlib.contextmanager
    def running(self) -> Iterator["TokenService"]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                parameters = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
                self._say(*service.token(parameters))

            def do_GET(self) -> None:
                token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
                known = service.good.get(token)
                self._say(*((200, {"email": known}) if known else (401, {"error": "invalid_token"})))

            def _say(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    def begin(self, user: str) -> None:
        """Reset the state; the refresh token belongs to this user."""
        self.user, self.refresh, self.rotate_to, self.answer = user, REFRESH, "", None
        self.good.clear()
        self.asked.clear()

    def token(self, parameters: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(parameters)
        if self.answer is not None:
            return self.answer
        if parameters.get("refresh_token") != self.refresh or parameters.get("client_secret") != CLIENT_SECRET:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        token = f"access-{len(self.asked)}-{self.user}"
        self.good[token] = self.user
        answer: dict[str, Any] = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        if self.rotate_to:
            self.refresh = answer["refresh_token"] = self.rotate_to
        return 200, answer
