-- One row: whether this connection holds the section now. Inputs: %(section_dcid)s. Held until it is given back, or the connection ends.
select pg_try_advisory_lock(hashtextextended('passback section', %(section_dcid)s)) as locked
