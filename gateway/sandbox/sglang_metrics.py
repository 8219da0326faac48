"""The few of SGLang's 86 metric families that a gateway reads."""

from gateway.sandbox.state import Meters


def exposition(meters: Meters, model: str, capacity: int) -> str:
    """Write the metrics in Prometheus' text format."""
    slots = meters.slots
    families = (
        ("prompt_tokens_total", "counter", "Number of prefill tokens processed.", meters.prompt_tokens),
        ("generation_tokens_total", "counter", "Number of generation tokens processed.", meters.generated_tokens),
        ("num_requests_total", "counter", "Number of requests processed.", meters.requests),
        ("cached_tokens_total", "counter", "Number of cached prompt tokens.", meters.cached_tokens),
        ("num_aborted_requests_total", "counter", "Number of requests aborted.", meters.aborted),
        ("max_total_num_tokens", "gauge", "Maximum total number of tokens.", capacity),
        ("num_running_reqs", "gauge", "The number of running requests.", slots.running),
        ("num_queue_reqs", "gauge", "The number of requests in the waiting queue.", slots.waiting),
        ("num_used_tokens", "gauge", "The number of used tokens.", slots.used_tokens),
        ("token_usage", "gauge", "The token usage.", slots.used_tokens / capacity),
        ("cache_hit_rate", "gauge", "The prefix cache hit rate.", meters.hit_rate),
    )
    labels = f'{{engine_type="unified",model_name="{model}"}}'
    return "".join(
        f"# HELP sglang:{name} {text}\n# TYPE sglang:{name} {kind}\nsglang:{name}{labels} {float(value)}\n"
        for name, kind, text, value in families
    )
