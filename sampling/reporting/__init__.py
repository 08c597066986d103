"""Reports over months: tidy frames from draws and journal, what may be shown of them, and the pages and notebooks that show it."""
