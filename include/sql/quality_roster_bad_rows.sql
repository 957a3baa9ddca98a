-- Grain: one query of the roster extraction `seq`. Those in which more than the share `most` of the rows breaks the contract.
select collection as query, quarantined as bad, received, quarantined::double precision / received as share
from passback.extraction_count
where seq = %(seq)s and quarantined > %(most)s * received
order by collection;
