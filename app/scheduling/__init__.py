"""The ticker behind the watchman: APScheduler, and nothing else. Knows no database, no HTTP, no window."""

from app.scheduling.ticker import IntervalTicker

__all__ = ["IntervalTicker"]
