"""The only room that runs notebooks: papermill in, one page that opens offline out."""
