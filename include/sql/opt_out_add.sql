-- Keeps one switch of an opt-out: who and when. Inputs: %(section_dcid)s, or %(source)s with %(source_item_id)s; %(opted_out)s, %(switched_by)s.
insert into passback.opt_out (section_dcid, source, source_item_id, opted_out, switched_by)
values (%(section_dcid)s, %(source)s, %(source_item_id)s, %(opted_out)s, %(switched_by)s)
