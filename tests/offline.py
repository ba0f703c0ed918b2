"""`python -m tests.offline COMMAND ...`: `scrapy` in a process that dies with 99 at its first word to the network."""

import os
import sys
from typing import Any

NETWORK = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
)
REFUSED = 99
BUT = "LETOPIS_TEST_OFFLINE_BUT"
"""Environment variable: a host that may be spoken to, where an archive lies behind a server."""


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in NETWORK and host(event, arguments) != os.environ.get(BUT, ""):
        os.write(2, f"the network was asked: {event} {arguments}\n".encode())
        os._exit(REFUSED)


def host(event: str, arguments: tuple[Any, ...]) -> Any:
    if event.startswith("socket.get"):
        return arguments[0]
    return arguments[1][0] if isinstance(arguments[1], tuple) else arguments[1]


if __name__ == "__main__":
    sys.addaudithook(refuse)
    from scrapy.cmdline import execute

    execute(["scrapy", *sys.argv[1:]])
