"""Pictures that need no script: functions from numbers to SVG."""
