-- Empties the temporary tables between two rounds of one chunk.
truncate incoming_listing, incoming_code, incoming_sections, incoming_grade_items, incoming_grades, placed_grades, incoming_enrollments,
    incoming_grading_categories, incoming_grading_periods, incoming_quarantine
