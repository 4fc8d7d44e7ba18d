"""What comes in and goes out: discovery, sources, atomic writes."""
