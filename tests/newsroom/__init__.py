"""A local server that plays the news sites under their real addresses, with invented articles and the truth about them."""

from .server import Newsroom, newsroom
from .site import Request, Response, Shelf, Site
from .story import Expected, Story

__all__ = ["Expected", "Newsroom", "Request", "Response", "Shelf", "Site", "Story", "newsroom"]
