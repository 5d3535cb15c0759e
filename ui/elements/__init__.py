"""Elements of which pages are made and that know no page: charts, numbers, chips, widgets, scripts in the browser, uploads."""
