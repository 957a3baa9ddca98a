-- A step that is run again says anew what is to be known. Inputs: %(run_key)s, %(step)s.
delete from passback.run_note where run_key = %(run_key)s and step = %(step)s
