"""Every metric, span and attribute name, once. docs/observability.md lists them; a test holds the two together.

GenAI names follow OpenTelemetry's semantic conventions 1.41 (all of them still "Development").
"""

from typing import Final

# Metrics of the edge (Prometheus names)
REQUESTS: Final = "gateway_requests_total"
REFUSED: Final = "gateway_refused_total"
MANGLED: Final = "gateway_mangled_placeholders_total"
ATTEMPTS: Final = "gateway_attempts_total"
REQUEST_DURATION: Final = "gateway_request_duration_seconds"
IN_FLIGHT: Final = "gateway_in_flight_requests"
COST: Final = "gateway_cost_usd_total"
REFERENCE_COST: Final = "gateway_reference_cost_usd_total"
BUDGET_LEFT: Final = "gateway_budget_left_usd"
TARGET_UP: Final = "gateway_target_up"
POLICY_INFO: Final = "gateway_policy_info"
POLICY_RELOAD_OK: Final = "gateway_policy_reload_ok"
POLICY_RELOAD_FAILURES: Final = "gateway_policy_reload_failures_total"
KEYS_OK: Final = "gateway_keys_ok"
CREDENTIAL_ALARMS: Final = "gateway_upstream_credential_failures_total"
SPOOL_BACKLOG: Final = "gateway_spool_backlog_bytes"
LOOP_ERRORS: Final = "gateway_internal_errors_total"
GENAI_DURATION: Final = "gen_ai_client_operation_duration_seconds"
GENAI_TOKENS: Final = "gen_ai_client_token_usage"
GENAI_TTFT: Final = "gen_ai_client_operation_time_to_first_chunk_seconds"

# Metrics of the egress
EGRESS_SENT: Final = "gateway_egress_sent_total"
EGRESS_REFUSED: Final = "gateway_egress_refused_total"
EGRESS_OBSERVED: Final = "gateway_egress_observed_total"
EGRESS_RESCAN: Final = "gateway_egress_rescan_seconds"
EGRESS_POLICY_OK: Final = "gateway_egress_policy_reload_ok"

# Metrics of the ledger child
LEDGER_SHIPPED: Final = "gateway_ledger_shipped_records_total"
LEDGER_LAG: Final = "gateway_ledger_lag_bytes"
SPANS_EXPORTED: Final = "gateway_spans_exported_total"
SPANS_DROPPED: Final = "gateway_spans_dropped_total"
ANCHOR_FAILURES: Final = "gateway_ledger_anchor_failures_total"
BUDGET_BURN: Final = "gateway_budget_burn_rate"
BUDGET_ENDS: Final = "gateway_budget_exhaustion_seconds"
ALERTS: Final = "gateway_alerts_total"
LEDGER_BYTES: Final = "gateway_ledger_bytes"
LEDGER_GROWTH: Final = "gateway_ledger_growth_bytes_per_day"
LEDGER_DAYS: Final = "gateway_ledger_days_left"

METRICS: Final[dict[str, str]] = {
    REQUESTS: "Requests that were decided, by team, target, zone, reason and status.",
    REFUSED: "Requests that ended before a decision, by dialect and code.",
    ATTEMPTS: "Attempts, by target and outcome.",
    REQUEST_DURATION: "Seconds from the request to the end of its answer, by zone and whether it streamed.",
    IN_FLIGHT: "Requests that are running now.",
    COST: "True cost in dollars, by team, target and zone.",
    MANGLED: "Masking placeholders that an answer changed, so that they could not be restored, by team and target.",
    REFERENCE_COST: "What the same tokens would have cost at the team's reference target, by team.",
    BUDGET_LEFT: "Dollars that are neither spent nor held, by team.",
    TARGET_UP: "1 if a target is available now, else 0.",
    POLICY_INFO: "1 for the active policy, with its hash as a label.",
    POLICY_RELOAD_OK: "1 if the newest policy files are active, 0 if they are held or were refused.",
    POLICY_RELOAD_FAILURES: "Policy files that were refused since the start.",
    KEYS_OK: "1 if all API keys of the newest keys_file are in force, 0 if an entry or the file was refused.",
    CREDENTIAL_ALARMS: "Responses 401, 402 or 403 from a target: our credentials are wrong. By target.",
    SPOOL_BACKLOG: "Bytes of the spool that are not in the ledger yet.",
    LOOP_ERRORS: "Unexpected errors: bugs.",
    GENAI_DURATION: "Seconds of an attempt, by operation, provider, model and error type.",
    GENAI_TOKENS: "Tokens of an attempt, by provider, model and token type.",
    GENAI_TTFT: "Seconds to the first content of a streamed attempt, by provider and model.",
    EGRESS_SENT: "Calls that were sent to a vendor, by target and the vendor's status.",
    EGRESS_REFUSED: "Calls that the egress did not send, by code.",
    EGRESS_OBSERVED: "Calls that were sent only because their team is in observe mode, by target.",
    EGRESS_RESCAN: "Seconds that the egress scanned a body before it sent it.",
    EGRESS_POLICY_OK: "1 if the newest policy files are active in the egress, 0 if they are held or were refused.",
    LEDGER_SHIPPED: "Records shipped from the spool, by kind.",
    LEDGER_LAG: "Bytes of the spool that are not shipped yet.",
    SPANS_EXPORTED: "Spans handed to the OTLP exporter.",
    SPANS_DROPPED: "Spans that were not sent: the queue was full, or the collector did not take them.",
    BUDGET_BURN: "Spending as a multiple of the even pace, by payer and window; only windows over their threshold.",
    BUDGET_ENDS: "Seconds until a budget is used up at the pace of recent days; absent while it lasts.",
    ALERTS: "Alerts about budgets and about the space for the ledger, by kind.",
    LEDGER_BYTES: "Bytes of the ledger's rows and indexes.",
    LEDGER_GROWTH: "Bytes by which the ledger grows per day, at the pace of the last week.",
    LEDGER_DAYS: "Days until the ledger's volume is full at that pace; absent if unknown.",
    ANCHOR_FAILURES: "Chain heads that could not be written to the anchor.",
}

GENAI_SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Buckets of the convention; the four below are ours, because long streams outlast its last one."""
LONG_SECONDS: Final = (163.84, 327.68, 655.36)
RESCAN_SECONDS: Final = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 5.0)
TOKEN_BUCKETS: Final = tuple(float(4**power) for power in range(14))

# Span attributes: HTTP (stable), GenAI 1.41, ours
HTTP_METHOD: Final = "http.request.method"
HTTP_ROUTE: Final = "http.route"
HTTP_STATUS: Final = "http.response.status_code"
URL_PATH: Final = "url.path"
URL_SCHEME: Final = "url.scheme"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
USER_AGENT: Final = "user_agent.original"
ERROR_TYPE: Final = "error.type"
GENAI_OPERATION: Final = "gen_ai.operation.name"
GENAI_PROVIDER: Final = "gen_ai.provider.name"
GENAI_REQUEST_MODEL: Final = "gen_ai.request.model"
GENAI_REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
GENAI_REQUEST_STREAM: Final = "gen_ai.request.stream"
GENAI_RESPONSE_MODEL: Final = "gen_ai.response.model"
GENAI_RESPONSE_ID: Final = "gen_ai.response.id"
GENAI_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
GENAI_TIME_TO_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
GENAI_INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
GENAI_OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
GENAI_CACHE_READ: Final = "gen_ai.usage.cache_read.input_tokens"
GENAI_CACHE_WRITE: Final = "gen_ai.usage.cache_creation.input_tokens"
GENAI_REASONING: Final = "gen_ai.usage.reasoning.output_tokens"
GENAI_CONVERSATION: Final = "gen_ai.conversation.id"
REQUEST_ID: Final = "gateway.request.id"
TEAM: Final = "gateway.team"
TASK: Final = "gateway.task"
STREAM: Final = "gateway.stream"
CLIENT_ABORTED: Final = "gateway.client.aborted"
POLICY_HASH: Final = "gateway.policy.hash"
RULE: Final = "gateway.rule.id"
DECISION_ZONE: Final = "gateway.decision.zone"
DECISION_TARGET: Final = "gateway.decision.target"
DECISION_REASON: Final = "gateway.decision.reason"
DECISION_CANDIDATES: Final = "gateway.decision.candidates"
DECISION_DROPPED: Final = "gateway.decision.dropped"
DECISION_FACTS: Final = "gateway.decision.facts"
DECISION_ROLLOUT: Final = "gateway.decision.rollout"
DATA_CLASS: Final = "gateway.class.sensitivity"
CATEGORIES: Final = "gateway.class.categories"
BUDGET_LEFT_USD: Final = "gateway.budget.left_usd"
ZONE: Final = "gateway.zone"
TARGET: Final = "gateway.target"
ATTEMPT: Final = "gateway.attempt"
COST_USD: Final = "gateway.cost.usd"
ESTIMATED: Final = "gateway.usage.estimated"
OUTCOME: Final = "gateway.outcome"
FALLBACK_FROM: Final = "gateway.fallback.from"
