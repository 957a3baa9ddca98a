-- Gives back what run_take took. Inputs: %(run_key)s.
select pg_advisory_unlock(hashtextextended('passback run', %(run_key)s)) as given_back
