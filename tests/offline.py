"""`python -m tests.offline COMMAND ...`: `scrapy` in a process that dies with 99 at its first word to the network."""

import os
import sys

NETWORK = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
)
REFUSED = 99


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in NETWORK:
        os.write(2, f"the network was asked: {event} {arguments}\n".encode())
        os._exit(REFUSED)


if __name__ == "__main__":
    sys.addaudithook(refuse)
    from scrapy.cmdline import execute

    execute(["scrapy", *sys.argv[1:]])
