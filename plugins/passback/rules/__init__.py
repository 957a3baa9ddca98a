"""The rules of passback as pandera schemas: which items and scores may pass, and the codes of those that may not."""
