"""The native backend: programs as C."""
