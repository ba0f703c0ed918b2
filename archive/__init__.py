"""Keeping what a crawl saw: WARC files, their index, snapshots, the chain and the stores; imports no crawler."""
