from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.newsroom import Newsroom, newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with newsroom(7, TODAY) as running:
        yield running


def ask(room: Newsroom, url: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    address, _, port = room.connect_to[f"{host}:{443 if scheme == 'https' else 80}"].partition(":")
    connection = http.client.HTTPConnection(address, int(port), timeout=20)
    if scheme == "https":
        connection.connect()
        context = ssl.create_default_context(cafile=str(room.ca))
        connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
    try:
        connection.request("GET", "/" + path, headers={"Host": host, **headers})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()
