"""`letopis` as a user has it: in a folder of its own, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from .gazeta import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.newsroom import Newsroom

Done = subprocess.CompletedProcess[str]


class Desk:
    """`letopis` in a folder of its own, with the newsroom in place of the web."""

    def __init__(self, room: Newsroom, folder: Path) -> None:
        self.room, self.folder = room, folder
        env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        told = {"LETOPIS_CONNECT_TO": json.dumps(room.connect_to), "SSL_CERT_FILE": str(room.ca)}
        self.env = env | told | {"PYTHONPATH": str(ROOT)}

    def run(self, *arguments: str, env: dict[str, str] | None = None) -> Done:
        line = [sys.executable, "-m", "crawler.cli", *arguments]
        return subprocess.run(
            line,
            env=self.env if env is None else env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
