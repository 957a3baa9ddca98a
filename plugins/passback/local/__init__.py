"""The local runtime, all under one home: an embedded PostgreSQL, Airflow beside it, one night, a backfill, the demo."""
