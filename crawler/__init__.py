"""The Scrapy project: from a site's sources to a checked article."""
