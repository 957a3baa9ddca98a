"""Passback: carries points-based assignments and scores into the PowerSchool gradebook, and accounts for every one."""
