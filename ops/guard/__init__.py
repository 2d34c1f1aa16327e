"""What a change may destroy: read from a preview, refused without an approval."""
