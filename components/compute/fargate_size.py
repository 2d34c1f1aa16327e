"""Which CPU and memory Fargate sells together."""

_GIB = 1024

_MEMORY_MB = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: tuple(range(1 * _GIB, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
}
"""CPU units (1024 are one vCPU) to MiB: "Task size" in the ECS Developer Guide for Fargate."""


def allowed_memory_mb(cpu_units: int) -> tuple[int, ...]:
    """What memory goes with ``cpu_units``, ascending; nothing where Fargate has no such CPU."""
    return _MEMORY_MB.get(cpu_units, ())


def check_size(cpu_units: int, memory_mb: int) -> None:
    """Raise ValueError for a pair that Fargate rejects, with the nearest one that it takes."""
    allowed = allowed_memory_mb(cpu_units)
    if not allowed:
        sizes = ", ".join(map(str, _MEMORY_MB))
        raise ValueError(f"cpu_units: got {cpu_units}; Fargate has {sizes}: take one of them")
    if memory_mb not in allowed:
        nearest = min(allowed, key=lambda size: abs(size - memory_mb))
        raise ValueError(
            f"memory_mb: got {memory_mb} with {cpu_units} CPU units; allowed {allowed[0]} to {allowed[-1]} "
            f"in Fargate's steps. Use {nearest}"
        )
