"""Counts for `/metrics`, in the Prometheus text format. No label ever holds an id, an address or a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

_HELP = {
    "requests": "Answers by action and class of status.",
    "denied": "Acts that access did not allow.",
    "unreadable": "Inputs that were not of the form asked for.",
    "busy": "Requests over a rate or queue limit.",
    "failed": "Requests that failed in the server.",
    "untraceable": "Requests that were not done because the audit trail could not be written. Look at once.",
}


class Counters:
    """What the web room counts. One instance an application; only the event loop's thread writes."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.stopped: Counter[str] = Counter()  # by directive of a page's policy, of a closed set
        self.denied = 0
        self.unreadable = 0
        self.busy = 0
        self.failed = 0
        self.untraceable = 0

    def answered(self, action: str, status: int) -> None:
        """Count one answer. `action` is of the closed set, or `none` where no route was met."""
        self.requests[action, f"{status // 100}xx"] += 1
        if status in (401, 403):
            self.denied += 1
        elif status == 429:
            self.busy += 1
        elif 400 <= status < 500 and status not in (404, 405, 409):
            self.unreadable += 1
        elif status >= 500:
            self.failed += 1


def text(counters: Counters, gauges: Mapping[str, float]) -> str:
    """The page that Prometheus reads. `gauges`: name -> value, from the hub, the service and the store."""
    lines = [f"# HELP muster_requests_total {_HELP['requests']}", "# TYPE muster_requests_total counter"]
    for (action, status), count in sorted(counters.requests.items()):
        lines.append(f'muster_requests_total{{action="{action}",status="{status}"}} {count}')
    lines.append("# HELP muster_policy_stopped_total What browsers say a page's policy stopped, by directive.")
    lines.append("# TYPE muster_policy_stopped_total counter")
    for directive, count in sorted(counters.stopped.items()):
        lines.append(f'muster_policy_stopped_total{{directive="{directive}"}} {count}')
    for name in [*_HELP][1:]:
        lines.append(f"# HELP muster_{name}_total {_HELP[name]}")
        lines.append(f"# TYPE muster_{name}_total counter")
        lines.append(f"muster_{name}_total {getattr(counters, name)}")
    for name, value in sorted(gauges.items()):
        full = name if name.startswith("muster_") else f"muster_{name}"
        lines.append(f"# TYPE {full} {'counter' if name.endswith('_total') else 'gauge'}")
        lines.append(f"{full} {value:.15g}")
    return "\n".join(lines) + "\n"
