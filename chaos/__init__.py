"""The chaos harness: whole nights in which something dies at every place where it could matter."""
