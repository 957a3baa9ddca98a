-- Waits for a section. Inputs: %(section_dcid)s. Held until it is given back, or the connection ends.
select pg_advisory_lock(hashtextextended('passback section', %(section_dcid)s)) as locked
