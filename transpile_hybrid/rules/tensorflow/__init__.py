"""Rules for tensorflow."""
