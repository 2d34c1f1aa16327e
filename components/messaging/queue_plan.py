"""Limits of SQS, and what a queue and its consumer owe each other."""

VISIBILITY_FACTOR = 6
"""A message must stay hidden for six times the function's timeout, so that Lambda may retry a batch that was
throttled before the message is handed out again (Lambda developer guide, using Lambda with SQS)."""

MAX_RETENTION_SECONDS = 14 * 24 * 3600


def check_queue(*, visibility_timeout_seconds: int, retention_seconds: int, max_receives: int) -> None:
    """Raise ValueError for what SQS rejects, or a message that expires while it is being worked on."""
    for what, value, low, high in (
        ("visibility_timeout_seconds", visibility_timeout_seconds, 0, 12 * 3600),
        ("retention_seconds", retention_seconds, 60, MAX_RETENTION_SECONDS),
        ("max_receives", max_receives, 1, 1000),
    ):
        if not low <= value <= high:
            raise ValueError(f"{what}: got {value}; SQS allows {low} to {high}")
    needed = visibility_timeout_seconds * max_receives
    if retention_seconds < needed:
        raise ValueError(
            f"retention_seconds: got {retention_seconds}; {max_receives} receives of "
            f"{visibility_timeout_seconds} s take {needed} s, and a message that expires before never "
            "reaches the dead-letter queue: raise it"
        )


def check_message_size(max_message_bytes: int | None) -> None:
    """Raise ValueError for a limit that SQS rejects."""
    if max_message_bytes is not None and not 1_024 <= max_message_bytes <= 1_048_576:
        raise ValueError(f"max_message_bytes: got {max_message_bytes}; SQS allows 1024 to 1048576")


def check_consumer(*, visibility_timeout_seconds: int, function_timeout_seconds: int) -> None:
    """Raise ValueError for a function that may still work on a message when SQS hands it out again."""
    least = VISIBILITY_FACTOR * function_timeout_seconds
    if visibility_timeout_seconds < least:
        raise ValueError(
            f"visibility_timeout_seconds: got {visibility_timeout_seconds} with a function that may take "
            f"{function_timeout_seconds} s; at least {least}, six times that: raise it on the queue, or "
            "lower the function's timeout"
        )


def check_batch(*, batch_size: int, batching_window_seconds: int, max_concurrency: int | None) -> None:
    """Raise ValueError for a mapping that Lambda rejects."""
    if not 1 <= batch_size <= 10_000:
        raise ValueError(f"batch_size: got {batch_size}; Lambda allows 1 to 10000")
    if not 0 <= batching_window_seconds <= 300:
        raise ValueError(f"batching_window_seconds: got {batching_window_seconds}; Lambda allows 0 to 300")
    if batch_size > 10 and batching_window_seconds == 0:
        raise ValueError(
            f"batch_size: got {batch_size} without a window; more than 10 needs batching_window_seconds of 1 "
            "or more"
        )
    if max_concurrency is not None and not 2 <= max_concurrency <= 1000:
        raise ValueError(f"max_concurrency: got {max_concurrency}; Lambda allows 2 to 1000, or None")
