"""How chance enters the sample county."""

from collections.abc import Sequence
from random import Random


def rounded(rng: Random, mean: float) -> int:
    """A whole number around ``mean``: people aim at a count, so it varies less than Poisson's."""
    return int(mean * (0.6 + 0.8 * rng.random()) + rng.random())


def happens(rng: Random, chance: float) -> bool:
    return rng.random() < chance


def apportion(total: int, weights: Sequence[float], floors: Sequence[int]) -> list[int]:
    """Whole shares of ``total`` by largest remainder.

    Each share has its floor first; the rest goes by what each still lacks of its weight's part.
    Floors that exceed the total are kept.
    """
    rest = max(0, total - sum(floors))
    whole = sum(weights)
    lacking = [
        max(0.0, total * weight / whole - floor)
        for weight, floor in zip(weights, floors, strict=True)
    ]
    exact = [rest * lack / (sum(lacking) or 1.0) for lack in lacking]
    shares = [int(part) + floor for part, floor in zip(exact, floors, strict=True)]
    by_remainder = sorted(range(len(exact)), key=lambda i: int(exact[i]) - exact[i])
    for i in by_remainder[: max(0, total - sum(shares))]:
        shares[i] += 1
    return shares
