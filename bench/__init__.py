"""`make bench`: whole nights of the product, timed stage by stage beside a bare script that does the same."""
