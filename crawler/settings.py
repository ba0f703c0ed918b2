"""What departs from Scrapy's defaults, each line with the default and why.

Handlers, middlewares, extensions, the pipeline and who asks are set by the addon, so that another Scrapy project gets them too.
"""

from __future__ import annotations

import json
import os

BOT_NAME = "letopis"  # "scrapybot"
SPIDER_MODULES = ["crawler.spiders"]  # []
NEWSPIDER_MODULE = "crawler.spiders"  # ""
SPIDER_LOADER_CLASS = (
    "crawler.loading.Sites"  # scrapy's: one site file that cannot be loaded would stop all sites
)
COMMANDS_MODULE = (
    "crawler.commands"  # "": crawl seals, check reads fixtures, fixture is new, all answer from an archive
)
ADDONS = {"crawler.addon.LetopisAddon": 500}  # {}

# A rehearsal: {"example.org:443": "127.0.0.1:40123"} moves endpoints to servers on this machine that play the sites
CONNECT_TO = json.loads(os.environ.get("LETOPIS_CONNECT_TO") or "{}")  # new

# Who asks: the addon says it
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "ru,en;q=0.5",  # "en": the sites are Russian
}
COOKIES_ENABLED = False  # True: no state between pages, and no public suffix list fetched from the internet

# How fast
ROBOTSTXT_OBEY = True  # False
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # 8: one request to a host at a time
DOWNLOAD_DELAY = 0 if CONNECT_TO else 2.5  # 0: our own servers need no rest
DOWNLOAD_DELAY_JITTER = 0.2  # 0.5: 2 to 3 s, never under two
REFERRER_POLICY = (
    "no-referrer"  # "scrapy-default": a link is fetched because a source announced it, not from a page
)

# How much, how long
DOWNLOAD_MAXSIZE = (
    20 * 2**20
)  # 1 GiB: no article is larger; sources raise it to 64 MiB by meta download_maxsize
DOWNLOAD_WARNSIZE = 5 * 2**20  # 32 MiB
DOWNLOAD_TIMEOUT = 60  # 180
REDIRECT_MAX_TIMES = 5  # 20: RFC 9309 asks for five
METAREFRESH_ENABLED = False  # True: what a page does after it was shown is not its answer

# How safely
DOWNLOAD_VERIFY_CERTIFICATES = True  # False
TELNETCONSOLE_ENABLED = False  # True: opens a port
REMOTE_CONTROL_ENABLED = False  # True: runs code sent to a port
LOG_LEVEL = "INFO"  # "DEBUG": crawl.log is kept with the snapshot

FEED_EXPORT_ENCODING = "utf-8"  # None: Cyrillic stays readable in JSON
