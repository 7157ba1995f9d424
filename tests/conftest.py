"""A clean world for every test: no settings of the developer, no network but loopback."""

from __future__ import annotations

import errno
import io
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, settings

from clrctl.sandbox.contract import DEFAULT_PORT

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"

# No test depends on how busy the machine is.
settings.register_profile("clrctl", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clrctl")


@dataclass(frozen=True)
class Result:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


Run = Callable[..., Result]
NETWORK = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> Path:
    """Give each test an empty home and none of the variables that clrctl reads."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("CLRCTL_", "TIMEBACK_", "CLR_", "XDG_")) and name != (
            "CLRCTL_REFERENCE"
        ):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "CI", *NETWORK):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("CLRCTL_CONFIG", str(home / "config.yaml"))
    (home / "config.yaml").write_text("")
    monkeypatch.setenv("CLRCTL_DATA", str(home / "data"))
    return home


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that tries to reach another machine, and hide this machine's own sandbox."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "unix"
        assert host in ("127.0.0.1", "::1", "localhost", "unix"), f"network: {address}"
        if isinstance(address, tuple) and address[1] == DEFAULT_PORT:
            # A developer's sandbox may listen there: no test finds it, or writes to it.
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def clrctl(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the real program in this process and return its exit code and streams."""

    def run(*args: str | Path, stdin: bytes = b"") -> Result:
        from clrctl.cli import app

        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            patch.setattr(sys, "stdout", io.TextIOWrapper(out, write_through=True))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, write_through=True))
            code = app.run([str(arg) for arg in args])
        return Result(code, out.getvalue().decode(), err.getvalue().decode())

    return run


@pytest.fixture
def reference() -> Iterator[Path]:
    """Return the folder of published schemas and samples, where there is one."""
    folder = os.environ.get("CLRCTL_REFERENCE")
    if not folder:
        pytest.skip("CLRCTL_REFERENCE does not name the folder of published material")
    yield Path(folder)
