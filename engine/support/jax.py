"""JAX, as its releases differ."""

from typing import Any


def in_float64(is_wanted: bool = True) -> Any:
    """Return the context in which JAX computes in float64, or in float32."""
    import jax

    return jax.enable_x64(is_wanted) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64(is_wanted)
