# Reference values of the mixed models by lme4, glmmTMB and clubSandwich, and by brute force.
#
#   python tests/python/numeric/reference/make_data.py
#   Rscript tests/python/numeric/reference/make_reference.R [national.csv]
#
# writes reference.csv (data, engine, points, term, estimate, std_error). Run with R 4.2.2, lme4 1.1-31,
# glmmTMB 1.1.5, numDeriv 2016.8-1.1, clubSandwich 0.5.8.
#
# `polish.R` says how the packages are held to their own likelihoods.
suppressPackageStartupMessages(library(clubSandwich))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "polish.R"))
rows <- list()

read_set <- function(name) read.csv(file.path(here, "data", paste0(name, ".csv")))

record <- function(data, engine, points, terms, estimates, errors, llf) {
  rows[[length(rows) + 1]] <<- data.frame(
    data = data, engine = engine, points = points, term = c(terms, "llf"),
    estimate = c(estimates, llf), std_error = c(errors, NA)
  )
}

# ---- the packages ----------------------------------------------------------------------------------------------
glmer_fit <- function(name, d, family, points) {
  found <- polished_glmer(d, family, points)
  record(name, "lme4", points, c(coefs, "group_sd"), found$par, found$errors, found$llf)
  invisible(found$fit)
}

effects_of <- function(name, fit) {
  u <- as.data.frame(ranef(fit, condVar = TRUE))
  u <- u[order(as.integer(as.character(u$grp))), ]
  rows[[length(rows) + 1]] <<- data.frame(
    data = name, engine = "lme4", points = 1, term = paste0("u", u$grp),
    estimate = u$condval, std_error = u$condsd
  )
}

tmb_fit <- function(name, d, formula, family, terms, report) {
  found <- polished_tmb(d, formula, family, report)
  record(name, "glmmTMB", 1, terms, found$par, found$errors, found$llf)
  found$par
}

coefs <- c("const", "x1", "x2", "x1:x2")
intercept_only <- function(p) c(p[1:4], exp(p[5]))

# ---- brute force: the integrals by a trapezoid on a fine grid, which converges geometrically ----------------
grid <- seq(-9, 9, length.out = 361)
log_weight <- dnorm(grid, log = TRUE) + log(grid[2] - grid[1])
log_sum <- function(x) max(x) + log(sum(exp(x - max(x))))

predictor <- function(d, beta) {
  as.vector(cbind(1, d$x1, d$x2, d$x1 * d$x2) %*% beta) + if (is.null(d$pop)) 0 else log(d$pop)
}

brute_nested <- function(d, unit, beta, s, sigma) {
  eta <- predictor(d, beta)
  total <- 0
  for (g in unique(d$group)) {
    mine <- d$group == g
    by_u <- log_weight
    for (k in unique(unit[mine])) {
      i <- mine & unit == k
      at <- outer(s * grid, sigma * grid, "+")
      value <- 0
      for (r in which(i)) {
        e <- eta[r] + at
        value <- value + d$y[r] * e - exp(e) - lgamma(d$y[r] + 1)
      }
      by_u <- by_u + apply(sweep(value, 2, log_weight, "+"), 1, log_sum)
    }
    total <- total + log_sum(by_u)
  }
  total
}

brute_slope <- function(d, beta, s, slope_sd, correlation, binomial) {
  eta <- predictor(d, beta)
  u <- s * grid
  total <- 0
  for (g in unique(d$group)) {
    mine <- which(d$group == g)
    value <- outer(log_weight, log_weight, "+")
    w <- slope_sd * outer(correlation * grid, sqrt(1 - correlation^2) * grid, "+")
    for (r in mine) {
      e <- eta[r] + u + d$x1[r] * w
      value <- value + if (binomial) {
        d$y[r] * e - d$trials[r] * log1p(exp(e)) + lchoose(d$trials[r], d$y[r])
      } else {
        d$y[r] * e - exp(e) - lgamma(d$y[r] + 1)
      }
    }
    total <- total + log_sum(value)
  }
  total
}

brute <- function(name, values, llf) {
  record(name, "brute", 361, names(values), values, rep(NA, length(values)), llf)
}

# ---- random intercepts ------------------------------------------------------------------------------------
counts <- c("poisson_balanced", "poisson_unbalanced", "poisson_five", "poisson_sparse", "poisson_tiny", "poisson_zero")
for (name in counts) {
  d <- read_set(name)
  fit <- glmer_fit(name, d, "poisson", 1)
  glmer_fit(name, d, "poisson", 7)
  if (name %in% c("poisson_balanced", "poisson_unbalanced")) effects_of(name, fit)
  if (name != "poisson_zero") {
    tmb_fit(name, d, count_formula, poisson, c(coefs, "group_sd"), intercept_only)
  }
}
for (name in c("bernoulli_balanced", "bernoulli_small", "binomial_unbalanced")) {
  d <- read_set(name)
  glmer_fit(name, d, "binomial", 1)
  glmer_fit(name, d, "binomial", 7)
  tmb_fit(name, d[d$trials > 0, ], trial_formula, binomial, c(coefs, "group_sd"), intercept_only)
}

# ---- sensitivities ----------------------------------------------------------------------------------------
d <- read_set("negative_binomial")
tmb_fit("negative_binomial", d, count_formula, nbinom2, c(coefs, "group_sd", "alpha"),
        function(p) c(p[1:4], exp(p[6]), exp(-p[5])))

d <- read_set("row_lognormal")
d$row <- seq_len(nrow(d))
found <- tmb_fit("row_lognormal", d, y ~ x1 * x2 + offset(log(pop)) + (1 | group) + (1 | row), poisson,
                 c(coefs, "group_sd", "row_sd"), function(p) c(p[1:4], exp(p[5:6])))
names(found) <- c(coefs, "group_sd", "row_sd")
brute("row_lognormal", found, brute_nested(d, d$row, found[1:4], found[5], found[6]))

d <- read_set("three_level")
found <- tmb_fit("three_level", d, y ~ x1 * x2 + offset(log(pop)) + (1 | group) + (1 | msoa), poisson,
                 c(coefs, "group_sd", "subgroup_sd"), function(p) c(p[1:4], exp(p[5:6])))
names(found) <- c(coefs, "group_sd", "subgroup_sd")
brute("three_level", found, brute_nested(d, d$msoa, found[1:4], found[5], found[6]))

slope_terms <- c(coefs, "group_sd", "slope_sd", "correlation")
slope_report <- function(p) c(p[1:4], exp(p[5:6]), p[7] / sqrt(1 + p[7]^2))
for (name in c("poisson_slope", "binomial_slope")) {
  d <- read_set(name)
  binomial_data <- name == "binomial_slope"
  if (binomial_data) {
    formula <- cbind(y, trials - y) ~ x1 * x2 + (1 + x1 | group)
    family <- binomial
  } else {
    formula <- y ~ x1 * x2 + offset(log(pop)) + (1 + x1 | group)
    family <- poisson
  }
  found <- tmb_fit(name, d, formula, family, slope_terms, slope_report)
  names(found) <- slope_terms
  brute(name, found, brute_slope(d, found[1:4], found[5], found[6], found[7], binomial_data))
}

# ---- cluster-robust ---------------------------------------------------------------------------------------
robust <- function(name, fit, d) {
  test <- coef_test(fit, vcov = "CR2", cluster = d$group, test = "Satterthwaite")
  record(name, "clubSandwich", 0, coefs, test$beta, test$SE, as.numeric(logLik(fit)))
  record(name, "clubSandwich_df", 0, coefs, test$df, rep(NA, 4), NA)
}
d <- read_set("poisson_unbalanced")
exact <- glm.control(epsilon = 1e-14, maxit = 100)
robust("poisson_unbalanced", glm(y ~ x1 * x2 + offset(log(pop)), poisson, d, control = exact), d)
d$rate <- 1e4 * d$y / d$pop
robust("linear_unbalanced", lm(rate ~ x1 * x2, d), d)
d <- read_set("binomial_unbalanced")
d <- d[d$trials > 0, ]
robust("binomial_unbalanced", glm(cbind(y, trials - y) ~ x1 * x2, binomial, d, control = exact), d)

# ---- the size of England: generated, not stored -----------------------------------------------------------
given <- commandArgs(TRUE)
if (length(given)) {
  d <- read.csv(given[1])
  glmer_fit("national", d, "poisson", 1)
  glmer_fit("national", d, "poisson", 7)
  tmb_fit("national", d, count_formula, poisson, c(coefs, "group_sd"), intercept_only)
}

out <- do.call(rbind, rows)
text <- function(x, digits) ifelse(is.na(x), "", trimws(formatC(x, digits = digits, format = "g")))
out$estimate <- text(out$estimate, 15)
out$std_error <- text(out$std_error, 12)
write.csv(out, file.path(here, "reference.csv"), row.names = FALSE, quote = FALSE)
