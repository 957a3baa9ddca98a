"""The PowerSchool server of the sandbox: roster, gradebook, wire and switches."""
