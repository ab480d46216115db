"""The page of a study, live: served to one browser on this machine, following its file."""
