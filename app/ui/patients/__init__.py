"""The pages about patients: the lists behind the counters, one patient's story, and the patient groups."""
