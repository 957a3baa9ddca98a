"""Airflow connections turned into clients."""
