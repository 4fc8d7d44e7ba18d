"""What people and machines read: terminal text, JSON, HTML."""
