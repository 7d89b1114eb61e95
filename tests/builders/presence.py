"""What a candidate's page tells of itself with every heartbeat."""


def facts_told(**changes: object) -> dict:
    """A page that records both streams and lacks nothing."""
    return {
        "stage": "answer",
        "phase": "answering",
        "backlog_chunks": 0,
        "backlog_bytes": 0,
        "online": True,
        "visible": True,
        "focused": True,
        "level": 9,
        "storage_free_mb": 20_000,
        "recording": ["camera", "screen"],
        **changes,
    }
