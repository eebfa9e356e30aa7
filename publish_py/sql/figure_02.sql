-- One row per band of neighbourhood income deprivation: the points of Figure 2.
select
    band,
    income_pct_from,
    income_pct_mean,
    n_lsoas,
    n_events,
    rate_per_10k
from estimates.figure_02_bins
where run_id = $run_id
order by band
