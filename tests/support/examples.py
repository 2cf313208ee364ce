"""Numbers of hypothesis examples, by profile: fewer on a desk, all of them in CI."""

from hypothesis import HealthCheck, settings


def examples(number: int) -> settings:
    """Return settings for the same examples on every machine, however slow.

    number: of the thorough profile; the usual one runs a quarter of them.
    """
    return settings(
        max_examples=max(1, number * settings().max_examples // 100),
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
