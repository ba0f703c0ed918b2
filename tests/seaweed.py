"""A real S3 server for tests: SeaweedFS on private loopback ports, in a folder that goes with it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACCESS = "LETOPISPLANTEDKEY"
SECRET = "planted/secret+0123456789"
BUCKET = "letopis-test"
GRPC = 10_000
"""SeaweedFS listens for gRPC at each port plus this."""
ANOTHER = "LETOPIS_TEST_S3"
"""Environment variable: the endpoint of another server with the same user and bucket, to be held to the same tests."""
PATIENCE = 30.0
"""Seconds within which the server must be up."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server listens, and what it knows: one bucket, and one user who may do everything."""

    endpoint: str
    bucket: str = BUCKET
    access: str = ACCESS
    secret: str = SECRET

    def store(self) -> str:
        """The name of a store that nobody has used yet."""
        return f"s3://{self.bucket}/test/{uuid.uuid4().hex}"

    def environment(self, endpoint: str | None = None) -> Mapping[str, str]:
        """The standard variables that lead boto3 here (or to a gateway before it), and away from the user's own configuration."""
        return {
            "AWS_ACCESS_KEY_ID": self.access,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_ENDPOINT_URL_S3": endpoint or self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def binary() -> str | None:
    """The path of the server's program, None where the platform has none."""
    return shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


@contextmanager
def serving() -> Iterator[Server]:
    """A server that is up, and gone with its data at the end of the block; raises RuntimeError with its log if it does not come up."""
    with tempfile.TemporaryDirectory(prefix="seaweed-", ignore_cleanup_errors=True) as folder:
        ports = _free_ports(5)
        with (Path(folder) / "out").open("wb") as out:
            process = subprocess.Popen(
                _command(folder, ports), stdout=out, stderr=out, cwd=folder, start_new_session=True,
                env={**os.environ, "AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET},
            )  # fmt: skip
        try:
            server = Server(f"http://127.0.0.1:{ports[0]}")
            _wait(server, process, Path(folder) / "out")
            yield server
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # it would take two seconds to end in peace
            process.wait()


@pytest.fixture(scope="session")
def seaweed() -> Iterator[Server]:
    """One server for all tests."""
    if ANOTHER in os.environ:
        yield Server(os.environ[ANOTHER])
        return
    if binary() is None:
        pytest.skip("no SeaweedFS for this platform: there is no `weed` beside Python nor in PATH")
    with serving() as server:
        yield server


@pytest.fixture
def s3(seaweed: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, with the environment leading there, and no pauses before another attempt."""
    lead(monkeypatch, seaweed.environment())
    return seaweed


def lead(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    """Set the environment for boto3, and take from its attempts the pauses of up to 20 seconds."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "LETOPIS_S3"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)


def _command(folder: str, ports: list[int]) -> list[str]:
    s3, master, volume, filer, admin = ports
    return [
        str(binary()), f"-logdir={folder}", "mini", f"-dir={folder}", f"-bucket={BUCKET}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        "-master.telemetry=false", "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-s3.port={s3}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-admin.port={admin}",
    ]  # fmt: skip


def _free_ports(count: int) -> list[int]:
    """Ports that are free together with their gRPC ports, below those that the system hands out."""
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            port = random.randrange(10_240, 22_000)
            try:
                for number in (port, port + GRPC):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", number))
            except OSError:
                continue
            found.append(port)
    return found


def _wait(server: Server, process: subprocess.Popen[bytes], out: Path) -> None:
    """Until the bucket is there: a signed listing answers."""
    end = time.monotonic() + PATIENCE
    while not _has_bucket(server):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"SeaweedFS did not come up: {out.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def _has_bucket(server: Server) -> bool:
    """Whether a signed listing is answered: who is refused for want of a name is refused before the bucket is looked for."""
    asked = AWSRequest("GET", f"{server.endpoint}/{server.bucket}?list-type=2", {})
    S3SigV4Auth(Credentials(server.access, server.secret), "s3", "us-east-1").add_auth(asked)
    try:
        urlopen(Request(asked.url, headers=dict(asked.headers)), timeout=5).close()
    except OSError as error:
        if isinstance(error, HTTPError):
            error.close()
        return False
    return True
