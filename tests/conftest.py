"""What holds for every test: Hypothesis judges results, never speed."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("gateway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gateway")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the kill table, from whichever process ran the bugs."""
    rows = [
        (report.user_properties[0][0], report.user_properties[0][1])
        for status in ("passed", "failed")
        for report in terminalreporter.stats.get(status, [])
        if report.user_properties and "test_seeded_bugs" in report.nodeid and report.when == "call"
    ]
    if not rows:
        return
    killed = sum(bool(by) for _, by in rows)
    terminalreporter.section(f"seeded bugs: {killed} of {len(rows)} killed")
    for name, by in rows:
        terminalreporter.write_line(f"{'killed' if by else 'ALIVE ':<7} {name:<60} {by}")
