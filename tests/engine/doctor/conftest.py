"""The programs that the doctor is tried on must not be imported in search of tests."""

collect_ignore = ["programs"]
