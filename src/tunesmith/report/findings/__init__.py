"""What each picture of the page says: a finding by rule, one sentence, and its table."""
