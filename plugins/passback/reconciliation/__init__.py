"""What became of every item and every score of a run: its books, its lines, its report and its verdict."""

from passback.reconciliation.folder import report_folder
from passback.reconciliation.report import reconcile
from passback.reconciliation.verdict import red_reasons

__all__ = ["reconcile", "red_reasons", "report_folder"]
