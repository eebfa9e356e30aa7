# The maxima of lme4 and glmmTMB, polished.
#
# How the packages are held to their own likelihoods:
# * glmer stops at loose defaults and takes standard errors from a coarse finite-difference Hessian (or, by
#   default, from the weights alone, without the variance parameter). So PIRLS is tightened to 1e-13, the optimum
#   of glmer's own deviance function is polished by Newton steps with numDeriv's Richardson derivatives, and the
#   standard errors come from numDeriv's Hessian in (sd, coefficients) together: the observed information.
# * With nAGQ > 1 lme4's deviance lacks the saturated log-likelihood; it is added back.
# * glmmTMB's optimum is polished in the same way with its automatic gradient, and its Hessian is the
#   Jacobian of that gradient; internal parameters (log sd, log dispersion, scaled correlation)
#   are carried over by the delta method.
suppressPackageStartupMessages({
  library(lme4)
  library(glmmTMB)
  library(numDeriv)
})
count_formula <- y ~ x1 * x2 + offset(log(pop)) + (1 | group)
trial_formula <- cbind(y, trials - y) ~ x1 * x2 + (1 | group)

# ---- lme4 -------------------------------------------------------------------------------------------------
saturated <- function(d, family) {
  if (family == "poisson") return(sum(dpois(d$y, d$y, log = TRUE)))
  p <- ifelse(d$trials > 0, d$y / d$trials, 0)
  sum(dbinom(d$y, d$trials, p, log = TRUE))
}

# par and errors: coefficients, then the standard deviation. llf_at(par) is lme4's own marginal log-likelihood.
polished_glmer <- function(d, family, points) {
  control <- glmerControl(
    optimizer = "bobyqa", optCtrl = list(maxfun = 1e5, rhoend = 1e-8),
    tolPwrss = 1e-13, calc.derivs = FALSE
  )
  if (family == "poisson") {
    make <- function(f) glmer(count_formula, d, poisson, control = control, nAGQ = points, devFunOnly = f)
  } else {
    d <- d[d$trials > 0, ]
    make <- function(f) glmer(trial_formula, d, binomial, control = control, nAGQ = points, devFunOnly = f)
  }
  fit <- make(FALSE)
  deviance_at <- make(TRUE)
  par <- c(getME(fit, "theta"), fixef(fit))
  singular <- par[1] < 1e-4
  if (!singular) {
    for (k in 1:3) {
      step <- solve(hessian(deviance_at, par), grad(deviance_at, par))
      if (deviance_at(par - step) > deviance_at(par) + 1e-8) break
      par <- par - step
    }
    errors <- sqrt(diag(2 * solve(hessian(deviance_at, par))))
  } else {
    at <- function(beta) deviance_at(c(0, beta))
    for (k in 1:3) par[-1] <- par[-1] - solve(hessian(at, par[-1]), grad(at, par[-1]))
    par[1] <- 0
    errors <- c(NA, sqrt(diag(2 * solve(hessian(at, par[-1])))))
  }
  lacks <- if (points > 1) saturated(d, family) else 0
  llf_at <- function(par) lacks - deviance_at(par[c(length(par), 1:(length(par) - 1))]) / 2
  order <- c(2:length(par), 1)
  list(fit = fit, par = par[order], errors = errors[order], llf = llf_at(par[order]), llf_at = llf_at)
}

# ---- glmmTMB ----------------------------------------------------------------------------------------------
# llf_at(par) is glmmTMB's own log-likelihood at its internal parameters; par and errors are those that
# `report` makes of them.
polished_tmb <- function(d, formula, family, report) {
  fit <- glmmTMB(formula, d, family = family, control = glmmTMBControl(
    optCtrl = list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-14, x.tol = 0)
  ))
  objective <- fit$obj$fn
  slope <- function(p) as.vector(fit$obj$gr(p))
  par <- fit$fit$par
  for (k in 1:3) {
    h <- jacobian(slope, par)
    par <- par - solve((h + t(h)) / 2, slope(par))
  }
  h <- jacobian(slope, par)
  to <- jacobian(report, par)
  errors <- sqrt(diag(to %*% solve((h + t(h)) / 2) %*% t(to)))
  llf_at <- function(par) -as.numeric(objective(par))
  list(fit = fit, par = report(par), errors = errors, llf = llf_at(par), llf_at = llf_at)
}
