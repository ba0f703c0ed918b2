"""Recording, politeness and checks for a Scrapy project, switched on by its ADDONS setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.settings import get_settings_priority

from crawler.agent import contact_in, identity, user_agent
from crawler.checks import Checks
from crawler.disk import Floor
from crawler.foreign import Items
from crawler.progress import Progress
from crawler.robots import RetryAfter, RobotsRules
from crawler.standoff import Standoff
from crawler.unchanged import Unchanged

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

WIRE = "crawler.wire.WireHandler"
REPLAY = "crawler.replay.ReplayHandler"
OTHERS = ("ftp", "s3")
"""Further schemes whose handlers would lead past an archive."""
OFFLINE = {"ROBOTSTXT_OBEY": False, "DOWNLOAD_DELAY": 0, "RETRY_ENABLED": False}


class LetopisAddon:
    """What Letopis adds to a crawl, set at "addon" priority so that the settings of a project win.

    - the handlers of http and https: `WireHandler`, or with the setting REPLAY the one that answers from an archive;
    - robots.txt by RFC 9309 in place of Scrapy's middleware, Retry-After, leaving hosts alone that keep refusing;
    - pages that earlier snapshots hold are asked for only if they have changed, in crawls of Letopis' own sites;
    - the check of articles against their schema, progress lines, and a stop while there is space left on the disk;
    - who asks: User-Agent and From with LETOPIS_CONTACT, and gzip as the one content coding that is asked for;
    - for spiders of other projects: their items are journalled, and come out of the journal when the crawl is sealed.

    Nothing is recorded without the setting RECORD, which `scrapy crawl` sets.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Wire Letopis into the settings of a crawl."""
        # where an archive is meant but not named, no site is asked for it: its handler says what is missing
        offline = any(settings.get(name) is not None for name in ("REPLAY", "REPLAY_AT"))
        handler = REPLAY if offline else WIRE
        if offline:  # nobody is asked, so nobody's rules apply and nobody needs to be spared
            for name, value in OFFLINE.items():
                settings.set(name, value, "cmdline")
        introduce(settings)
        others = dict.fromkeys(OTHERS) if offline else {}
        handlers = {**settings.getwithbase("DOWNLOAD_HANDLERS"), **others, "http": handler, "https": handler}
        settings.set("DOWNLOAD_HANDLERS", handlers, "addon")
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RobotsTxtMiddleware, None)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RobotsRules, 100)
        # above Retry (550), so that it sees only the answers with which retrying has ended
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", Standoff, 150)
        # next to the downloader: redirects and retries are asked anew, each by its own URL
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", Unchanged, 890)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", RetryAfter, 0)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", Progress, 0)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", Items, 0)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", Floor, 0)
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", Checks, 900)


def introduce(settings: BaseSettings) -> None:
    """Name the contact in the request headers, and ask for no coding that tools of web archives cannot undo."""
    contact, name = contact_in(settings), "DEFAULT_REQUEST_HEADERS"
    settings.set("USER_AGENT", user_agent(contact), "addon")
    theirs = settings.getdict(name)
    said = {header.lower() for header in theirs}
    ours = {"Accept-Encoding": "gzip", **identity(contact)}
    headers = theirs | {header: value for header, value in ours.items() if header.lower() not in said}
    settings.set(name, headers, max(settings.getpriority(name) or 0, get_settings_priority("addon")))
