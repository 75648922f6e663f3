"""Programs: recorded graphs as straight-line code, to read, to step through and to replay."""
