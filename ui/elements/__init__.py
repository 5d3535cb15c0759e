"""Elements of which pages are made and that know no page: charts, bars, columns of tables, numbers, chips, widgets, scripts in the
browser, uploads.
"""
