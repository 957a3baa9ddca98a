"""The Otus server of the sandbox: its content, its two transports and its switches."""
