"""How good a run is: metrics, intervals, thresholds, calibration, mistakes, comparisons."""
