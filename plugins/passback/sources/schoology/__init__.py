"""Schoology: sections by school code, and their items, grades and enrolments, into the tables staging.schoology_*."""
