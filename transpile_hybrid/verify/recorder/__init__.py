"""``record``: what runs inside of the user's own program and notes what each model was built and called with."""
