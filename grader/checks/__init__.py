"""What is asked of a submission: one file for each kind of criterion, each a pure function to a `Check`."""
