"""The commands, one file each: what they accept, what they call, what they print."""
