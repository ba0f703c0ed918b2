"""One small file per site; the folder is the list."""
