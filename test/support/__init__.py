"""What the black-box suites share: real processes, and small clients for their two interfaces."""
