"""Fields by which a caller could steer where a request goes or with whose key: removed, and said so.

Other gateways passed such fields on and sent vendor keys to attackers (litellm#24952, #30585, #26996). Those of
OpenRouter and its likes (``models``, ``route``, ``provider``, ``plugins`` …) and Anthropic's ``mcp_servers`` make a
vendor hand the text to another processor. A vendor's own web search (``web_search_options``) is that vendor's matter.
"""

import re
from typing import Final

from gateway.wire.body import Tree

_NAMES: Final = frozenset(
    [
        "api_base",
        "base_url",
        "api_key",
        "api_type",
        "api_version",
        "extra_headers",
        "custom_llm_provider",
        "fallbacks",
        "model_list",
        "context_window_fallback_dict",
        "context_window_fallbacks",
        "content_policy_fallbacks",
        "organization",
        "deployment_id",
        "azure_ad_token",
        "vertex_credentials",
        "vertex_project",
        "vertex_location",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_region_name",
        "aws_bedrock_runtime_endpoint",
        "mock_response",
        "mock_tool_calls",
        "proxy_server_request",
        "litellm_params",
        "extra_query",
        "headers",
        "http_client",
        "client",
        "ssl_verify",
        "num_retries",
        "max_retries",
        "caching",
        "cache",
        "no-log",
        "metadata_headers",
        "models",
        "route",
        "provider",
        "providers",
        "fallback",
        "fallback_models",
        "transforms",
        "plugins",
        "preset",
        "mcp_servers",
    ]
)
_PREFIX: Final = re.compile(r"litellm_|_litellm|aws_|vertex_|azure_|hf_")
_NESTED: Final = ("extra_body",)


def strip(tree: Tree) -> tuple[Tree, tuple[str, ...]]:
    """Return the body without reserved fields, and the names that were removed, sorted.

    Only the top level and ``extra_body`` are looked at: ``messages``, ``tools``, ``metadata`` and the like are
    content, and the same words there are not instructions.
    """
    dropped = [name for name in tree if _reserved(name)]
    nested = {
        outer: [name for name in tree[outer] if _reserved(name)]
        for outer in _NESTED
        if isinstance(tree.get(outer), dict)
    }
    if not dropped and not any(nested.values()):
        return tree, ()
    kept = {name: value for name, value in tree.items() if name not in dropped}
    for outer, names in nested.items():
        kept[outer] = {name: value for name, value in tree[outer].items() if name not in names}
    removed = dropped + [f"{outer}.{name}" for outer, names in nested.items() for name in names]
    return kept, tuple(sorted(removed))


def _reserved(name: str) -> bool:
    return name in _NAMES or _PREFIX.match(name) is not None
