"""Delivery: the plan of a run goes to PowerSchool, every write on record before it is sent and settled after."""
