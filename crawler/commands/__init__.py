"""The commands of `scrapy` that differ from its own."""
