-- Gives a section back. Inputs: %(section_dcid)s.
select pg_advisory_unlock(hashtextextended('passback section', %(section_dcid)s)) as unlocked
