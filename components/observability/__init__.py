"""Logs, alarms, dashboards."""
