"""The mass-change guard: what a plan would change is measured against limits, and what a passed limit counts waits."""

from passback.guard.holding import Hold, hold_mass_changes

__all__ = ["Hold", "hold_mass_changes"]
