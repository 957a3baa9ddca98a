"""The Schoology server of the sandbox: its content, its signatures, its pages and its switches."""
