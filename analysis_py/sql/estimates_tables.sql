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
    shrunken_irr double,
    shrunken_low double,
    shrunken_high double,
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

-- What stands behind one cell: how it is made (total, contrast, percent_times, predict,
-- reference; query where SQL alone says it), the model of its column (NULL for a query),
-- how many events (and trials, of an outcome) it rests on, the p-value of its contrast
-- with the one adjusted within the column (Benjamini-Hochberg), whether few authorities
-- lie in its context, and why it has no value or what to know about it.
create table if not exists estimates.cell_notes (
    run_id varchar not null,
    table_no varchar not null,
    row_label varchar not null,
    statistic varchar not null,
    how varchar not null,
    spec_id varchar,
    n_events bigint,
    n_trials bigint,
    p_value double,
    p_adjusted double,
    is_extrapolated boolean not null,
    reason varchar not null
);

-- A cell estimated another way, on the cell's own scale. For leave_one_la_out the value
-- is the one without the authority that moves it most and the limits are the range over
-- authorities left out; the reason names it.
create table if not exists estimates.sensitivities (
    run_id varchar not null,
    spec_id varchar not null,
    table_no varchar not null,
    row_label varchar not null,
    statistic varchar not null,
    method varchar not null,
    value double,
    ci_low double,
    ci_high double,
    p_value double,
    is_extrapolated boolean not null,
    reason varchar not null
);

-- The model of one sensitivity. inner_sd is that of MSOAs or rows within authorities;
-- statistic and p_value test its last variance component.
create table if not exists estimates.sensitivity_fits (
    run_id varchar not null,
    spec_id varchar not null,
    method varchar not null,
    n_obs bigint not null,
    n_groups bigint not null,
    log_likelihood double,
    group_sd double,
    slope_sd double,
    correlation double,
    inner_sd double,
    dispersion double,
    statistic double,
    p_value double,
    converged boolean not null,
    reason varchar not null
);

-- Tests behind the prose. kind: joint and departure (chi-square with df), trend and
-- contrast (z, and the ratio with its limits), moran (Moran's I as the statistic).
create table if not exists estimates.tests (
    run_id varchar not null,
    test_id varchar not null,
    question varchar not null,
    measure varchar not null,
    stratum_type varchar not null,
    kind varchar not null,
    subject varchar not null,
    statistic double,
    df double,
    p_value double,
    p_adjusted double,
    ratio double,
    ratio_low double,
    ratio_high double,
    n_obs bigint not null,
    n_groups bigint not null,
    converged boolean not null,
    reason varchar not null
);

-- Points of figures 3 to 8 and of the curve `inverse_intervention`. place is the code of
-- an authority, a decile, or ''. x: income deprivation in percentage points or a decile;
-- y: a rate per 10,000, or a rate ratio (figures 5 and 6).
create table if not exists estimates.figure_points (
    run_id varchar not null,
    figure_no varchar not null,
    measure varchar not null,
    series varchar not null,
    place varchar not null,
    x double,
    y double,
    ci_low double,
    ci_high double,
    n_events bigint,
    n_areas bigint,
    population double,
    is_extrapolated boolean not null
);

-- Least-squares lines through the points of a series; the slope is that of 10
-- percentage points.
create table if not exists estimates.figure_lines (
    run_id varchar not null,
    figure_no varchar not null,
    measure varchar not null,
    series varchar not null,
    n_points bigint not null,
    x_min double,
    x_max double,
    intercept double,
    slope double,
    std_error double,
    ci_low double,
    ci_high double,
    p_value double,
    r_squared double,
    reason varchar not null
);

-- Pearson correlations. subject: domains (over LSOAs), indicators (with the income
-- deprivation of authorities), match_rate (of the authorities' match rate).
create table if not exists estimates.correlations (
    run_id varchar not null,
    subject varchar not null,
    grain varchar not null,
    variable_a varchar not null,
    variable_b varchar not null,
    n_areas bigint not null,
    correlation double,
    ci_low double,
    ci_high double,
    p_value double,
    reason varchar not null
);

-- The model of Table 2 with another domain in the place of income, ranked by fit. irr is
-- of one standard deviation over LSOAs, irr_per_sd of one within authorities.
create table if not exists estimates.domains (
    run_id varchar not null,
    measure varchar not null,
    domain varchar not null,
    rank integer,
    log_likelihood double,
    aic_difference double,
    irr double,
    ci_low double,
    ci_high double,
    irr_per_sd double,
    interaction double,
    converged boolean not null,
    reason varchar not null
);

-- Indices of inequality. absolute_slope is the study's; sii and rii, over the ranks of
-- LSOAs by income deprivation, are this project's addition.
create table if not exists estimates.indices (
    run_id varchar not null,
    measure varchar not null,
    index_name varchar not null,
    is_of_the_study boolean not null,
    n_areas bigint not null,
    value double,
    ci_low double,
    ci_high double,
    reason varchar not null
);

-- How long each part of the run took.
create table if not exists estimates.timings (
    run_id varchar not null,
    part varchar not null,
    n_models bigint not null,
    seconds double not null
);
