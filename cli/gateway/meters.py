"""Count what a gateway does, in a Prometheus registry of its own."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


SECONDS: Final = (0.1, 0.3, 1, 3, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)
"""Of a trigger on its way to the provider: mostly it waits for its hour."""


class Meters:
    """The metrics of one gateway; safe to share between threads."""

    def __init__(self) -> None:
        """Start at zero."""
        self._registry = CollectorRegistry()
        self.received = self._counter("received", "Triggers read, repeats too.")
        self.refused = self._counter("refused", "Records not to be acted upon.", "reason")
        self.submitted = self._counter("submitted", "Messages the provider has taken.", "tenant")
        self.receipts = self._counter("receipts", "Receipts for the house, each once.", "status")
        self.unmatched = self._counter(
            "reports_unmatched", "Provider's reports about no message that is open."
        )
        self.waiting = Gauge(
            "cardcue_gateway_waiting",
            "Triggers that wait for their hour, their turn or the provider.",
            registry=self._registry,
        )
        self.seconds = Histogram(
            "cardcue_gateway_trigger_to_submit_seconds",
            "From a trigger's issue to the provider's taking it.",
            buckets=SECONDS,
            registry=self._registry,
        )

    def page(self) -> bytes:
        """Return the page for Prometheus."""
        return generate_latest(self._registry)

    def read(self, name: str, **labels: str) -> float:
        """Return one number, 0 for a series that has not begun."""
        return self._registry.get_sample_value(f"cardcue_gateway_{name}", labels) or 0.0

    def _counter(self, name: str, means: str, *labels: str) -> Counter:
        return Counter(f"cardcue_gateway_{name}", means, labels, registry=self._registry)
