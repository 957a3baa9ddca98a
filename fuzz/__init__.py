"""Hostile input by the hundred thousand: records through whole nights, bytes through parsers. See docs/fuzzing.md."""
