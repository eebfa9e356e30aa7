-- The tables of `estimates`: long, one run per build and census year. No child, no
-- LSOA.
create schema if not exists estimates;

create table if not exists estimates.runs (
    run_id varchar not null,
    build_id varchar not null,
    dataset varchar not null,
    census_year integer not null,
    domain varchar not null,
    settings_hash varchar not null,
    started_at timestamp not null
);

create table if not exists estimates.fits (
    run_id varchar not null,
    spec_id varchar not null,
    table_no varchar not null,
    row_label varchar not null,
    measure varchar not null,
    stratum_type varchar not null,
    stratum varchar not null,
    family varchar not null,
    n_obs bigint not null,
    n_groups bigint not null,
    n_events bigint not null,
    log_likelihood double,
    group_sd double,
    dispersion double,
    converged boolean not null,
    reason varchar not null
);

create table if not exists estimates.coefficients (
    run_id varchar not null,
    spec_id varchar not null,
    term varchar not null,
    estimate double not null,
    std_error double not null,
    ci_low double not null,
    ci_high double not null,
    ratio double not null,
    ratio_low double not null,
    ratio_high double not null,
    p_value double not null
);

create table if not exists estimates.cells (
    run_id varchar not null,
    table_no varchar not null,
    row_label varchar not null,
    statistic varchar not null,
    value double,
    ci_low double,
    ci_high double,
    published_value double,
    planted_value double
);

create table if not exists estimates.la_gradients (
    run_id varchar not null,
    census_year integer not null,
    la_code varchar not null,
    measure varchar not null,
    la_income double not null,
    n_events bigint not null,
    n_lsoas bigint not null,
    b1 double,
    std_error double,
    irr double,
    ci_low double,
    ci_high double,
    converged boolean not null,
    reason varchar not null
);

create table if not exists estimates.la_gradient_lines (
    run_id varchar not null,
    census_year integer not null,
    measure varchar not null,
    n_las bigint not null,
    mean_irr double,
    intercept double,
    slope double,
    std_error double,
    ci_low double,
    ci_high double,
    p_value double,
    r_squared double,
    reason varchar not null
);

create table if not exists estimates.figure_02_bins (
    run_id varchar not null,
    census_year integer not null,
    measure varchar not null,
    band integer not null,
    income_pct_from double not null,
    income_pct_mean double not null,
    n_lsoas bigint not null,
    n_events bigint not null,
    population double not null,
    rate_per_10k double not null
);

create table if not exists estimates.figure_02_lines (
    run_id varchar not null,
    census_year integer not null,
    measure varchar not null,
    n_lsoas bigint not null,
    intercept double,
    slope double,
    std_error double,
    ci_low double,
    ci_high double,
    income_pct_min double,
    income_pct_max double,
    rate_at_min double,
    rate_at_max double,
    reason varchar not null
);
